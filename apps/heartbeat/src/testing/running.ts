import { healthReportSchema, type HealthReport } from '@seguridad-abc/contracts';
import type { Service } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { readHeartbeatConfig } from '../config.js';
import { createHeartbeat, type HeartbeatOverrides } from '../service.js';

/** Short enough to wait for, long enough for a busy machine. */
export const SHORT_INTERVAL_MS = 500;

/** The service as a process would run it, in this one. */
export interface Running {
  readonly service: Service;
  readonly url: string;
  /** As the gateway asks while Redis is away. */
  report(): Promise<HealthReport>;
  query(query: string, variables?: Record<string, unknown>): Promise<unknown>;
}

export interface RunningOptions extends HeartbeatOverrides {
  /** Kept when it stops. @default one of its own, removed when it stops */
  readonly folder?: string;
  readonly expected?: string;
}

export async function startHeartbeat(redisUrl: string, options: RunningOptions = {}): Promise<Running> {
  const { folder, expected = 'reports,heartbeat', ...overrides } = options;
  const own = folder === undefined ? temporaryFolder() : undefined;
  const port = await freePort();
  const config = readHeartbeatConfig({
    HEARTBEAT_PORT: String(port),
    HEARTBEAT_INTERVAL_MS: String(SHORT_INTERVAL_MS),
    HEARTBEAT_EXPECTED: expected,
    DATA_DIR: folder ?? own?.path,
    REDIS_URL: redisUrl,
    LOG_LEVEL: 'silent',
    AUTH: 'off',
  });
  const heartbeat = createHeartbeat(config, overrides);
  const service: Service = {
    ...heartbeat,
    async stop() {
      await heartbeat.stop();
      own?.remove();
    },
  };
  await service.start();
  const url = `http://127.0.0.1:${port}`;
  return {
    service,
    url,
    async report() {
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
