import { healthReport, type HealthReport } from '@seguridad-abc/contracts';
import type { Service } from '@seguridad-abc/platform';
import { freePort } from '@seguridad-abc/platform/testing';
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

export async function startHeartbeat(redisUrl: string, overrides: HeartbeatOverrides = {}): Promise<Running> {
  const port = await freePort();
  const config = readHeartbeatConfig({
    HEARTBEAT_PORT: String(port),
    HEARTBEAT_INTERVAL_MS: String(SHORT_INTERVAL_MS),
    HEARTBEAT_EXPECTED: 'reports,heartbeat',
    REDIS_URL: redisUrl,
    LOG_LEVEL: 'silent',
  });
  const service = createHeartbeat(config, overrides);
  await service.start();
  const url = `http://127.0.0.1:${port}`;
  return {
    service,
    url,
    async report() {
      return healthReport.parse(await (await fetch(`${url}/report`)).json());
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
