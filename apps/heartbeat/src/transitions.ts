import type { HealthStatus, ServiceSnapshot } from '@seguridad-abc/contracts';
import type { Logger } from '@seguridad-abc/platform';
import type { MonitorState } from './domain/monitor.js';

const ALARMING: ReadonlySet<HealthStatus> = new Set<HealthStatus>(['LATE', 'DEGRADED', 'DOWN']);

/** Says in the log what became of which service. */
export function logTransitions(
  before: MonitorState,
  after: readonly ServiceSnapshot[],
  logger: Logger,
): void {
  const statuses = new Map(before.services.map(({ name, status }) => [name, status]));
  for (const { name, status, reason } of after) {
    const from = statuses.get(name);
    if (from === status) continue;
    logger[ALARMING.has(status) ? 'warn' : 'info'](
      { of: name, from, to: status, reason },
      'a service changed its status',
    );
  }
}
