import type { HealthStatus } from '@seguridad-abc/contracts';
import type { Transition } from './transition.js';

/** What a status is in a share of time; undefined where nothing was observed. */
export function countsAs(status: HealthStatus): 'up' | 'down' | undefined {
  switch (status) {
    case 'UP':
    case 'LATE':
    case 'DEGRADED':
      return 'up';
    case 'DOWN':
      return 'down';
    case 'UNKNOWN':
    case 'MAINTENANCE':
      return undefined;
  }
}

/** A stretch of time, in milliseconds of the wall clock. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The share of the observed time of a stretch in which a service was up.
 * @param transitions of one service in the order in which they were seen, from the one that held when the stretch began;
 *   where the clock was set back between two, the time between them counts as none
 * @returns 0..1, or undefined where none of it was observed
 */
export function uptime(
  transitions: readonly Pick<Transition, 'to' | 'at'>[],
  { from, to }: Stretch,
): number | undefined {
  const ms = { up: 0, down: 0 };
  transitions.forEach((transition, index) => {
    const kind = countsAs(transition.to);
    const end = transitions[index + 1]?.at ?? to;
    if (kind) ms[kind] += Math.max(0, Math.min(end, to) - Math.max(transition.at, from));
  });
  const observed = ms.up + ms.down;
  return observed > 0 ? ms.up / observed : undefined;
}
