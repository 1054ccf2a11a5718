import type { HealthStatus, ClockReading } from '@seguridad-abc/contracts';
import type { HealthState, ServiceState } from './health-state.js';
import { INSTANCE_DOWN_AFTER_INTERVALS } from './health-thresholds.js';
import { describeStatusReason } from './reported-health.js';

/** A change of a service's status. */
export interface HealthTransition {
  readonly service: string;
  readonly from: HealthStatus;
  readonly to: HealthStatus;
  /** Wall-clock time. */
  readonly at: number;
  readonly reason: string;
}

/** Derives the status changes between the states before and after one update. */
export function deriveTransitions(
  before: HealthState,
  after: HealthState,
  now: ClockReading,
): HealthTransition[] {
  const previous = new Map(before.services.map((service) => [service.name, service]));
  const changes = after.services.flatMap((service): HealthTransition[] => {
    const { name, status: to, since: at } = service;
    const from = previous.get(name)?.status ?? 'UNKNOWN';
    previous.delete(name);
    return from === to
      ? []
      : [{ service: name, from, to, at, reason: describeStatusReason(after, service, now) }];
  });
  // Only services that are no longer listed are left in the map.
  const removals = [...previous.values()].flatMap((service) =>
    service.status === 'UNKNOWN' ? [] : [createRemovalTransition(service, now)],
  );
  return [...derivePauseTransitions(before, after, now), ...changes, ...removals];
}

const createRemovalTransition = ({ name, status }: ServiceState, now: ClockReading): HealthTransition => ({
  service: name,
  from: status,
  to: 'UNKNOWN',
  at: now.wallMs,
  reason: 'stopped normally and is not expected: no longer monitored',
});

/**
 * Records a long pause of the monitor's own process as time that was not observed. During a pause of 5 intervals or more
 * a service may have been DOWN and UP again without notice, so the history must not count that time as UP.
 */
function derivePauseTransitions(
  before: HealthState,
  { services }: HealthState,
  now: ClockReading,
): HealthTransition[] {
  const pauseMs = now.monotonicMs - before.reception.updatedAt;
  if (pauseMs < INSTANCE_DOWN_AFTER_INTERVALS * before.thresholds.intervalMs) return [];
  const listed = new Set(services.map(({ name }) => name));
  const startedAt = now.wallMs - pauseMs;
  return before.services
    .filter(({ name, status }) => listed.has(name) && status !== 'UNKNOWN' && status !== 'MAINTENANCE')
    .flatMap(({ name, status }): HealthTransition[] => [
      { service: name, from: status, to: 'UNKNOWN', at: startedAt, reason: 'the monitor was paused' },
      {
        service: name,
        from: 'UNKNOWN',
        to: status,
        at: now.wallMs,
        reason: 'the monitor resumed after a pause; status not determined again yet',
      },
    ]);
}
