import type { HealthReport, HealthStatus, ServiceHealthSnapshot } from '@seguridad-abc/contracts';

export const INTERVAL_MS = 1_000;

const at = (second: number) => new Date(second * 1_000).toISOString();

/** @param since in seconds since 1970 */
export const service = (name: string, status: HealthStatus = 'UP', since = 0): ServiceHealthSnapshot => ({
  name,
  status,
  reason: `it is ${status}`,
  since: at(since),
  lastBeatAt: at(since),
  instances: [{ id: `${name}:1`, status, version: '0.1.0', startedAt: at(0), lastBeatAt: at(since) }],
});

export const report = (
  sequence: number,
  services: readonly ServiceHealthSnapshot[],
  { run = 'first', intervalMs = INTERVAL_MS }: { run?: string; intervalMs?: number } = {},
): HealthReport => ({
  v: 1,
  run,
  sequence,
  at: at(sequence),
  intervalMs,
  services: [...services],
});
