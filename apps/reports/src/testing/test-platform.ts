import {
  DEFAULT_REDIS_NAMES,
  alarmChangeSchema,
  heartbeatSchema,
  ruleChangeSchema,
  type AlarmChange,
  type Heartbeat,
  type RuleChange,
} from '@seguridad-abc/contracts';
import type { Service } from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  recordLogs,
  startRedis,
  temporaryFolder,
  type LogLine,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { readReportsConfig } from '../config.js';
import { createReportsService, type ReportsServiceOverrides } from '../service.js';
import { startTestMonitoring, type TestMonitoring } from './test-monitoring.js';

/** The body of a GraphQL response. */
export interface GraphqlResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}

/** A real reports service on a real Redis, with its own database and a test monitoring. */
export interface TestPlatform {
  readonly redis: TestRedis;
  /** The test's own connection. */
  readonly redisClient: Redis;
  readonly monitoring: TestMonitoring;
  readonly folder: string;
  /** The GraphQL endpoint of the current run. */
  readonly url: string;
  /** The log lines of all runs. */
  readonly logLines: LogLine[];
  /** The SQL statements of all runs. */
  readonly statements: string[];
  /** The rule changes that all runs published. */
  readonly ruleChanges: RuleChange[];
  /** The alarm changes that all runs published. */
  readonly alarmChanges: AlarmChange[];
  readonly heartbeats: Heartbeat[];
  start(settings?: Record<string, string>, overrides?: ReportsServiceOverrides): Promise<void>;
  stop(): Promise<void>;
  /**
   * Starts another instance in its own data folder, with the first one as its peer. `close` stops it.
   * @param prepare is called with the data folder before the start
   */
  startCopy(
    settings?: Record<string, string>,
    overrides?: ReportsServiceOverrides,
    prepare?: (folder: string) => void,
  ): Promise<TestCopy>;
  query(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<GraphqlResponse>;
  /** Sends a GET request to a path other than GraphQL. */
  get(path: string): Promise<{ status: number; body: unknown }>;
  getReadiness(): Promise<{ status: number; checks: Record<string, unknown> }>;
  /** Resolves when the read model's checkpoint is at this position. */
  waitForPosition(position: number): Promise<void>;
  close(): Promise<void>;
}

/** Another instance of reports on the same Redis and monitoring. */
export interface TestCopy {
  readonly folder: string;
  readonly url: string;
  readonly logLines: LogLine[];
  getReadiness(): Promise<{ status: number; checks: Record<string, unknown> }>;
  query(query: string, headers?: Record<string, string>): Promise<GraphqlResponse>;
  stop(): Promise<void>;
}

/** Short times, so that tests are fast. */
const TIMING = { blockMs: 100, idleCheckMs: 400, withoutStreamMs: 50, retryMs: 20, maxRetryMs: 100 };

/** Starts Redis and the test monitoring, but not yet reports. */
export async function startTestPlatform(): Promise<TestPlatform> {
  const redis = await startRedis();
  const folder = temporaryFolder();
  const monitoringPort = await freePort();
  /** A new port for each start: fetch reuses connections, and the last run has closed them. */
  let port = 0;
  const monitoring = await startTestMonitoring(monitoringPort, redis.url);
  const redisClient = ignoreErrors(
    new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null }),
  );
  const listener = ignoreErrors(
    new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null }),
  );
  const { logger, lines: logLines } = recordLogs();
  const statements: string[] = [];
  const ruleChanges: RuleChange[] = [];
  const alarmChanges: AlarmChange[] = [];
  const heartbeats: Heartbeat[] = [];
  listener.on('message', (channel, message) => {
    if (channel === DEFAULT_REDIS_NAMES.heartbeatChannel)
      heartbeats.push(heartbeatSchema.parse(JSON.parse(message)));
    else if (channel === DEFAULT_REDIS_NAMES.alarmChangesChannel)
      alarmChanges.push(alarmChangeSchema.parse(JSON.parse(message)));
    else ruleChanges.push(ruleChangeSchema.parse(JSON.parse(message)));
  });
  await listener.subscribe(
    DEFAULT_REDIS_NAMES.ruleChangesChannel,
    DEFAULT_REDIS_NAMES.alarmChangesChannel,
    DEFAULT_REDIS_NAMES.heartbeatChannel,
  );
  let service: Service | undefined;
  const closeSteps: (() => Promise<void>)[] = [];
  const getSettings = (dataDir: string) => ({
    MONITORING_PORT: String(monitoringPort),
    REDIS_URL: redis.url,
    DATA_DIR: dataDir,
    HEARTBEAT_INTERVAL_MS: '50',
    AUTH: 'off',
  });

  const platform: TestPlatform = {
    redis,
    redisClient,
    monitoring,
    folder: folder.path,
    get url() {
      return `http://127.0.0.1:${port}/graphql`;
    },
    logLines,
    statements,
    ruleChanges,
    alarmChanges,
    heartbeats,
    async start(settings = {}, overrides = {}) {
      port = await freePort();
      const config = readReportsConfig({
        REPORTS_PORT: String(port),
        ...getSettings(folder.path),
        ...settings,
      });
      service = createReportsService(config, {
        logger,
        timing: TIMING,
        onStatement: (statement) => void statements.push(statement),
        ...overrides,
      });
      await service.start();
    },
    async stop() {
      await service?.stop();
      service = undefined;
    },
    async startCopy(settings = {}, overrides = {}, prepare = () => undefined) {
      const copyPort = await freePort();
      const copyFolder = temporaryFolder();
      prepare(copyFolder.path);
      const { logger: copyLogger, lines } = recordLogs();
      const config = readReportsConfig({
        REPORTS_PORT: String(copyPort),
        REPORTS_PEERS: `http://127.0.0.1:${port}`,
        ...getSettings(copyFolder.path),
        ...settings,
      });
      const copy = createReportsService(config, { logger: copyLogger, timing: TIMING, ...overrides });
      const url = `http://127.0.0.1:${copyPort}/graphql`;
      const stop = async () => {
        await copy.stop();
        copyFolder.remove();
      };
      closeSteps.push(stop);
      await copy.start();
      return {
        folder: copyFolder.path,
        url,
        logLines: lines,
        getReadiness: () => readReadiness(url),
        query: (query, headers = {}) => sendQuery(url, { query }, headers),
        async stop() {
          closeSteps.splice(closeSteps.indexOf(stop), 1);
          await stop();
        },
      };
    },
    query: (query, variables = {}, headers = {}) => sendQuery(platform.url, { query, variables }, headers),
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, body: await response.json() };
    },
    getReadiness: () => readReadiness(platform.url),
    waitForPosition: (position) =>
      eventually(async () => {
        const { checks } = await platform.getReadiness();
        if (checks['position'] !== position)
          throw new Error(`The checkpoint is at position ${String(checks['position'])}.`);
      }),
    async close() {
      await platform.stop();
      for (const close of closeSteps.splice(0)) await close();
      redisClient.disconnect();
      listener.disconnect();
      await monitoring.close();
      await redis.close();
      folder.remove();
    },
  };
  return platform;
}

async function sendQuery(url: string, request: object, headers: Record<string, string>) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  return (await response.json()) as GraphqlResponse;
}

async function readReadiness(url: string) {
  const response = await fetch(new URL('/ready', url));
  const { checks } = (await response.json()) as { checks: Record<string, unknown> };
  return { status: response.status, checks };
}

function ignoreErrors(redis: Redis): Redis {
  redis.on('error', () => undefined);
  return redis;
}
