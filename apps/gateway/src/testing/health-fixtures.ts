import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthReport, HealthStatus, ServiceHealth } from '@seguridad-abc/contracts';

/** The default interval of {@link healthReport}. */
export const INTERVAL_MS = 1_000;

const toInstant = (second: number) => new Date(second * 1_000).toISOString();

/** Creates the health of one service with one instance. @param since in seconds since 1970 */
export const serviceHealth = (name: string, status: HealthStatus = 'UP', since = 0): ServiceHealth => ({
  name,
  status,
  reason: `it is ${status}`,
  since: toInstant(since),
  lastBeatAt: toInstant(since),
  instances: [
    {
      id: `${name}:1`,
      status,
      version: '0.1.0',
      startedAt: toInstant(0),
      lastBeatAt: toInstant(since),
    },
  ],
});

/** Creates a report of the monitor. */
export const healthReport = (
  sequence: number,
  services: readonly ServiceHealth[],
  {
    run = 'first',
    intervalMs = INTERVAL_MS,
    term,
  }: { run?: string; intervalMs?: number; term?: number } = {},
): HealthReport => ({
  v: 1,
  ...(term !== undefined && { term }),
  run,
  sequence,
  at: toInstant(sequence),
  intervalMs,
  services: [...services],
});

/** The HTTP side of a monitor, whose report a test sets. */
export interface FakeMonitor {
  /** GraphQL URL of the monitor's subgraph. */
  readonly url: string;
  /** The response to `/report`. Undefined: status 503. */
  report: HealthReport | undefined;
  /** The number of requests so far. */
  readonly requestCount: number;
  close(): Promise<void>;
}

/** Starts a monitor that has no report yet. */
export async function startFakeMonitor(): Promise<FakeMonitor> {
  let requestCount = 0;
  const server = createServer((request, response) => {
    requestCount += 1;
    if (request.url !== '/report' || !monitor.report) response.writeHead(503).end('<html>');
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(monitor.report));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const monitor: FakeMonitor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    report: undefined,
    get requestCount() {
      return requestCount;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return monitor;
}
