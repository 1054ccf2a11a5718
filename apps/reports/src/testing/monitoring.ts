import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  LOG_STREAM,
  toStreamId,
  toStreamFields,
  type LogEntry,
  type LogPage,
} from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { logOf, type Happening } from './entries.js';

/** Stands for monitoring: a log, `GET /log`, and a relay that does as it is told. */
export interface TestMonitoring {
  readonly url: string;
  /** May be changed under the reader, as a reset does. */
  logId: string;
  entries: LogEntry[];
  /** How often the log was asked. */
  readonly asked: number;
  /** Adds to the log alone. */
  append(...events: Happening[]): LogEntry[];
  /** Puts entries on the stream. */
  relay(...entries: LogEntry[]): Promise<void>;
  /** As both happen in life. */
  happen(...events: Happening[]): Promise<LogEntry[]>;
  /** Takes no requests until `comeBack`, on the same port. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export async function startMonitoring(port: number, redisUrl: string): Promise<TestMonitoring> {
  const redis = new Redis(redisUrl, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  let server: Server | undefined;
  let asked = 0;

  const page = (after: number, limit: number): LogPage => ({
    logId: monitoring.logId,
    head: monitoring.entries.at(-1)?.position ?? 0,
    entries: monitoring.entries.filter(({ position }) => position > after).slice(0, limit),
  });

  const monitoring: TestMonitoring = {
    url: `http://127.0.0.1:${port}`,
    logId: 'log-1',
    entries: [],
    get asked() {
      return asked;
    },
    append(...events) {
      const before = monitoring.entries;
      const all = logOf([...before, ...events], monitoring.logId);
      monitoring.entries = [...before, ...all.slice(before.length)];
      return monitoring.entries.slice(before.length);
    },
    async relay(...entries) {
      const pipeline = redis.pipeline();
      for (const entry of entries)
        pipeline.xadd(LOG_STREAM, toStreamId(entry.position), ...toStreamFields(entry));
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    async happen(...events) {
      const entries = monitoring.append(...events);
      await monitoring.relay(...entries);
      return entries;
    },
    async goAway() {
      server?.closeAllConnections();
      server?.close();
      if (server) await once(server, 'close');
      server = undefined;
    },
    async comeBack() {
      server = createServer((request, response) => {
        asked += 1;
        const { pathname, searchParams } = new URL(request.url ?? '', monitoring.url);
        if (pathname !== '/log') response.writeHead(404).end();
        else
          response.end(
            JSON.stringify(page(Number(searchParams.get('after')), Number(searchParams.get('limit')))),
          );
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      await monitoring.goAway();
      redis.disconnect();
    },
  };
  await monitoring.comeBack();
  return monitoring;
}
