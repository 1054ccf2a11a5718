import {
  DEFAULT_REDIS_NAMES,
  healthReportSchema,
  type HealthReport,
  type HealthStatus,
} from '@seguridad-abc/contracts';
import type { Service } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { readHeartbeatConfig } from '../config.js';
import { createHeartbeatService, type HeartbeatServiceOverrides } from '../service.js';

/** Short enough to keep tests fast, long enough for a busy machine. */
export const SHORT_INTERVAL_MS = 500;

/** A heartbeat service that runs in the test's own process. */
export interface RunningHeartbeat {
  readonly service: Service;
  readonly url: string;
  /** Fetches `GET /report`, as the gateway does while Redis is unreachable. */
  fetchReport(): Promise<HealthReport>;
  query(query: string, variables?: Record<string, unknown>): Promise<unknown>;
}

export interface RunningHeartbeatOptions extends HeartbeatServiceOverrides {
  /** A data folder that stays after the stop. @default a temporary folder, removed at the stop */
  readonly folder?: string;
  /** The PostgreSQL database of the history. @default SQLite */
  readonly databaseUrl?: string;
  /** Names of expected services, separated by commas. */
  readonly expected?: string;
}

export async function startHeartbeat(
  redisUrl: string,
  options: RunningHeartbeatOptions = {},
): Promise<RunningHeartbeat> {
  const { folder, databaseUrl, expected = 'reports,heartbeat', ...overrides } = options;
  const temporary = folder === undefined ? temporaryFolder() : undefined;
  const port = await freePort();
  const config = readHeartbeatConfig({
    HEARTBEAT_PORT: String(port),
    HEARTBEAT_INTERVAL_MS: String(SHORT_INTERVAL_MS),
    HEARTBEAT_EXPECTED: expected,
    DATA_DIR: folder ?? temporary?.path,
    REDIS_URL: redisUrl,
    LOG_LEVEL: 'silent',
    AUTH: 'off',
    ...(databaseUrl !== undefined && {
      DATABASE_URL: databaseUrl,
      INSTALLATION_SECRET: 'the secret of tests, which is long enough',
    }),
  });
  const heartbeat = createHeartbeatService(config, overrides);
  const service: Service = {
    ...heartbeat,
    async stop() {
      await heartbeat.stop();
      temporary?.remove();
    },
  };
  await service.start();
  const url = `http://127.0.0.1:${port}`;
  return {
    service,
    url,
    async fetchReport() {
      return healthReportSchema.parse(await (await fetch(`${url}/report`)).json());
    },
    async query(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return response.json();
    },
  };
}

/** Collects every health report published on Redis. */
export interface ReportCollector {
  readonly all: readonly HealthReport[];
  /** Waits for the first report that passes the test, from index `from` on. */
  waitFor(test: (report: HealthReport) => boolean, from?: number): Promise<HealthReport>;
  /** Waits for the first report in which the service has the status, from index `from` on. */
  waitForStatus(name: string, status: HealthStatus, from?: number): Promise<HealthReport>;
  /** The statuses of a service so far, without repetitions. */
  getStatuses(name: string): HealthStatus[];
  close(): void;
}

export const findService = (report: HealthReport, name: string) =>
  report.services.find((service) => service.name === name);

export async function collectReports(redisUrl: string): Promise<ReportCollector> {
  const redis = new Redis(redisUrl, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const all: HealthReport[] = [];
  const waiting = new Set<() => void>();
  redis.on('message', (_channel, message) => {
    all.push(healthReportSchema.parse(JSON.parse(message)));
    for (const check of [...waiting]) check();
  });
  await redis.subscribe(DEFAULT_REDIS_NAMES.healthChannel);

  const waitFor: ReportCollector['waitFor'] = (test, from = 0) =>
    new Promise((resolve) => {
      const check = () => {
        const found = all.slice(from).find(test);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });

  return {
    all,
    waitFor,
    waitForStatus: (name, status, from) =>
      waitFor((report) => findService(report, name)?.status === status, from),
    getStatuses(name) {
      const statuses = all.flatMap((report) => findService(report, name)?.status ?? []);
      return statuses.filter((status, i) => status !== statuses[i - 1]);
    },
    close: () => redis.disconnect(),
  };
}
