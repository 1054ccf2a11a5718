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
        MONITORING_PORT: String(monitoringPort),
        REDIS_URL: redis.url,
        DATA_DIR: folder.path,
        HEARTBEAT_INTERVAL_MS: '50',
        AUTH: 'off',
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
    async query(query, variables = {}, headers = {}) {
      const response = await fetch(platform.url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as GraphqlResponse;
    },
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, body: await response.json() };
    },
    async getReadiness() {
      const { status, body } = await platform.get('/ready');
      return { status, checks: (body as { checks: Record<string, unknown> }).checks };
    },
    waitForPosition: (position) =>
      eventually(async () => {
        const { checks } = await platform.getReadiness();
        if (checks['position'] !== position)
          throw new Error(`The checkpoint is at position ${String(checks['position'])}.`);
      }),
    async close() {
      await platform.stop();
      redisClient.disconnect();
      listener.disconnect();
      await monitoring.close();
      await redis.close();
      folder.remove();
    },
  };
  return platform;
}

function ignoreErrors(redis: Redis): Redis {
  redis.on('error', () => undefined);
  return redis;
}
