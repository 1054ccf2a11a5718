import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  DEFAULT_REDIS_NAMES,
  toStreamId,
  toStreamFields,
  type LogEntry,
  type LogPage,
} from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { buildLog, type TestEvent } from './log-entries.js';

/** Replaces monitoring in tests: a log, `GET /log`, and a relay that the test controls. */
export interface TestMonitoring {
  readonly url: string;
  /** A test may change it while reports runs, as a reset of monitoring does. */
  logId: string;
  /** The ids of the log before restores. */
  formerLogIds: string[];
  entries: LogEntry[];
  /** Maximum number of entries of a page, whatever reports asks for. */
  maxPageSize: number;
  /** Called for each page of the log. The page is sent when the promise resolves. */
  holdPage: ((after: number, limit: number) => Promise<void> | undefined) | undefined;
  /** The number of HTTP requests so far. */
  readonly requestCount: number;
  /** Appends events to the log, but not to the Redis stream. */
  appendToLog(...events: TestEvent[]): LogEntry[];
  /** Adds entries to the Redis stream. */
  addToStream(...entries: LogEntry[]): Promise<void>;
  /** Appends events to the log and adds them to the Redis stream. */
  publish(...events: TestEvent[]): Promise<LogEntry[]>;
  /** Closes the HTTP server. `startServer` opens it again on the same port. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the test monitoring with an empty log. */
export async function startTestMonitoring(port: number, redisUrl: string): Promise<TestMonitoring> {
  const redis = new Redis(redisUrl, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  let server: Server | undefined;
  let requestCount = 0;

  const page = (after: number, limit: number): LogPage => ({
    logId: monitoring.logId,
    formerLogIds: monitoring.formerLogIds,
    markAfter: monitoring.entries.find(({ position }) => position === after)?.mark,
    head: monitoring.entries.at(-1)?.position ?? 0,
    entries: monitoring.entries
      .filter(({ position }) => position > after)
      .slice(0, Math.min(limit, monitoring.maxPageSize)),
  });

  const monitoring: TestMonitoring = {
    url: `http://127.0.0.1:${port}`,
    logId: 'log-1',
    formerLogIds: [],
    entries: [],
    maxPageSize: Infinity,
    holdPage: undefined,
    get requestCount() {
      return requestCount;
    },
    appendToLog(...events) {
      const before = monitoring.entries;
      const all = buildLog([...before, ...events], monitoring.logId);
      monitoring.entries = [...before, ...all.slice(before.length)];
      return monitoring.entries.slice(before.length);
    },
    async addToStream(...entries) {
      const pipeline = redis.pipeline();
      for (const entry of entries)
        pipeline.xadd(DEFAULT_REDIS_NAMES.logStream, toStreamId(entry.position), ...toStreamFields(entry));
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    async publish(...events) {
      const entries = monitoring.appendToLog(...events);
      await monitoring.addToStream(...entries);
      return entries;
    },
    async stopServer() {
      server?.closeAllConnections();
      server?.close();
      if (server) await once(server, 'close');
      server = undefined;
    },
    async startServer() {
      server = createServer((request, response) => {
        requestCount += 1;
        const { pathname, searchParams } = new URL(request.url ?? '', monitoring.url);
        const [after, limit] = [Number(searchParams.get('after')), Number(searchParams.get('limit'))];
        if (pathname !== '/log') response.writeHead(404).end();
        else
          void Promise.resolve(monitoring.holdPage?.(after, limit)).then(() =>
            response.end(JSON.stringify(page(after, limit))),
          );
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      await monitoring.stopServer();
      redis.disconnect();
    },
  };
  await monitoring.startServer();
  return monitoring;
}
