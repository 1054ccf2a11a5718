import type { Heartbeat } from '@seguridad-abc/contracts';

export const STARTED_AT = '2026-01-31T08:00:00.000Z';
/** Start of a process that replaces the one started at {@link STARTED_AT}. */
export const RESTARTED_AT = '2026-01-31T09:00:00.000Z';

/** Creates the first heartbeat of a healthy reports process with the default interval. */
export const createHeartbeatMessage = (overrides: Partial<Heartbeat> = {}): Heartbeat => ({
  v: 1,
  service: 'reports',
  instance: 'host:4002',
  version: '0.1.0',
  startedAt: STARTED_AT,
  sequence: 1,
  intervalMs: 2_000,
  status: 'ok',
  loopDelayMs: 1,
  ...overrides,
});
