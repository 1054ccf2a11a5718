import type { HealthStatus } from '@seguridad-abc/contracts';
import type { Logger } from '@seguridad-abc/platform';
import type { Transition } from './domain/transition.js';

const ALARMING: ReadonlySet<HealthStatus> = new Set<HealthStatus>(['LATE', 'DEGRADED', 'DOWN']);

/** Says in the log what became of which service. */
export function logTransitions(transitions: readonly Transition[], logger: Logger): void {
  for (const { service, from, to, reason } of transitions) {
    logger[ALARMING.has(to) ? 'warn' : 'info'](
      { of: service, from, to, reason },
      'a service changed its status',
    );
  }
}
