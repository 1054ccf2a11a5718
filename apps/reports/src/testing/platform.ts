import {
  ALARM_CHANGES_CHANNEL,
  alarmChangeSchema,
  HEARTBEAT_CHANNEL,
  heartbeatSchema,
  RULE_CHANGES_CHANNEL,
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
import { createReports } from '../service.js';
import { startMonitoring, type TestMonitoring } from './monitoring.js';

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}

/** A real reports on a real Redis and a database of its own, beside something that stands for monitoring. */
export interface TestPlatform {
  readonly redis: TestRedis;
  /** A connection of the test's own. */
  readonly client: Redis;
  readonly monitoring: TestMonitoring;
  readonly folder: string;
  /** What reports wrote to its log, all runs. */
  readonly lines: LogLine[];
  /** The SQL that reports ran, all runs. */
  readonly statements: string[];
  /** What was published of rules, all runs, */
  readonly changes: RuleChange[];
  /** and of alarms. */
  readonly alarmChanges: AlarmChange[];
  readonly beats: Heartbeat[];
  start(settings?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  /** What is answered beside GraphQL. */
  get(path: string): Promise<{ status: number; body: unknown }>;
  ready(): Promise<{ status: number; checks: Record<string, unknown> }>;
  /** Resolves when the read model holds the log up to there. */
  untilAt(position: number): Promise<void>;
  close(): Promise<void>;
}

/** Quick, so that tests are; the order of things is the same. */
const TIMING = { blockMs: 100, idleCheckMs: 400, retryMs: 20, maxRetryMs: 100 };

export async function startPlatform(): Promise<TestPlatform> {
  const redis = await startRedis();
  const folder = temporaryFolder();
  const monitoringPort = await freePort();
  /** Another at each start: fetch keeps connections, and would find one that the last run has closed. */
  let port = 0;
  const monitoring = await startMonitoring(monitoringPort, redis.url);
  const client = quiet(new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null }));
  const listener = quiet(new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null }));
  const { logger, lines } = recordLogs();
  const statements: string[] = [];
  const changes: RuleChange[] = [];
  const alarmChanges: AlarmChange[] = [];
  const beats: Heartbeat[] = [];
  listener.on('message', (channel, message) => {
    if (channel === HEARTBEAT_CHANNEL) beats.push(heartbeatSchema.parse(JSON.parse(message)));
    else if (channel === ALARM_CHANGES_CHANNEL)
      alarmChanges.push(alarmChangeSchema.parse(JSON.parse(message)));
    else changes.push(ruleChangeSchema.parse(JSON.parse(message)));
  });
  await listener.subscribe(RULE_CHANGES_CHANNEL, ALARM_CHANGES_CHANNEL, HEARTBEAT_CHANNEL);
  let service: Service | undefined;

  const platform: TestPlatform = {
    redis,
    client,
    monitoring,
    folder: folder.path,
    lines,
    statements,
    changes,
    alarmChanges,
    beats,
    async start(settings = {}) {
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
      service = createReports(config, {
        logger,
        timing: TIMING,
        onStatement: (statement) => void statements.push(statement),
      });
      await service.start();
    },
    async stop() {
      await service?.stop();
      service = undefined;
    },
    async ask(query, variables = {}, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, body: await response.json() };
    },
    async ready() {
      const { status, body } = await platform.get('/ready');
      return { status, checks: (body as { checks: Record<string, unknown> }).checks };
    },
    untilAt: (position) =>
      eventually(async () => {
        const { checks } = await platform.ready();
        if (checks['position'] !== position) throw new Error(`it is at ${String(checks['position'])}`);
      }),
    async close() {
      await platform.stop();
      client.disconnect();
      listener.disconnect();
      await monitoring.close();
      await redis.close();
      folder.remove();
    },
  };
  return platform;
}

function quiet(redis: Redis): Redis {
  redis.on('error', () => undefined);
  return redis;
}
