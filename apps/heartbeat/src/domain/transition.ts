import type { HealthStatus } from '@seguridad-abc/contracts';
import type { Moment } from './moment.js';
import type { MonitorState } from './monitor.js';
import { DOWN_AFTER } from './rules.js';
import type { Service } from './service.js';
import { reasonIn } from './snapshot.js';

/** A service's status became another one. */
export interface Transition {
  readonly service: string;
  readonly from: HealthStatus;
  readonly to: HealthStatus;
  /** Wall clock. */
  readonly at: number;
  readonly reason: string;
}

/** What became of which service, by one input. */
export function transitionsBetween(before: MonitorState, after: MonitorState, now: Moment): Transition[] {
  const known = new Map(before.services.map((service) => [service.name, service]));
  const changed = after.services.flatMap((service): Transition[] => {
    const { name, status: to, since: at } = service;
    const from = known.get(name)?.status ?? 'UNKNOWN';
    known.delete(name);
    return from === to ? [] : [{ service: name, from, to, at, reason: reasonIn(after, service, now) }];
  });
  // What is left is no longer listed.
  const departed = [...known.values()].flatMap((service) =>
    service.status === 'UNKNOWN' ? [] : [departure(service, now)],
  );
  return [...pauses(before, after, now), ...changed, ...departed];
}

const departure = ({ name, status }: Service, now: Moment): Transition => ({
  service: name,
  from: status,
  to: 'UNKNOWN',
  at: now.wall,
  reason: 'it said goodbye and is not expected: no longer watched',
});

/**
 * While the monitor's own process stood still it observed nobody: a pause long enough to miss that a service was down is
 * told in the history, though it changes no status.
 */
function pauses(before: MonitorState, { services }: MonitorState, now: Moment): Transition[] {
  const ms = now.mono - before.watch.at;
  if (ms < DOWN_AFTER * before.rules.intervalMs) return [];
  const still = new Set(services.map(({ name }) => name));
  return before.services
    .filter(({ name, status }) => still.has(name) && status !== 'UNKNOWN' && status !== 'MAINTENANCE')
    .flatMap(({ name, status }): Transition[] => [
      { service: name, from: status, to: 'UNKNOWN', at: now.wall - ms, reason: 'the monitor stood still' },
      {
        service: name,
        from: 'UNKNOWN',
        to: status,
        at: now.wall,
        reason: 'the monitor went on after a pause; not judged anew yet',
      },
    ]);
}
