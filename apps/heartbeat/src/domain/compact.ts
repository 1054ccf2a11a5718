import type { HealthStatus } from '@seguridad-abc/contracts';
import type { Transition } from './transition.js';
import { countsAs } from './uptime.js';

/** A transition as it is kept. */
export interface KeptTransition extends Transition {
  /** Rises with each. */
  readonly id: number;
}

export interface Compaction {
  /** Ids of transitions that tell no share of time apart. */
  readonly removed: readonly number[];
  /** What follows a removed one comes from the status that is now before it. */
  readonly relinked: readonly { readonly id: number; readonly from: HealthStatus }[];
}

/**
 * Merges transitions between statuses that count alike into the first of each run. No share of time changes, and what
 * follows the given ones stays as it is.
 * @param transitions of one service, in the order of their ids
 */
export function compact(transitions: readonly KeptTransition[]): Compaction {
  const removed: number[] = [];
  const relinked: { id: number; from: HealthStatus }[] = [];
  let last: KeptTransition | undefined;
  transitions.forEach((transition, index) => {
    const before = transitions[index - 1];
    const next = transitions[index + 1];
    if (last && before && isMergeable(transition, { last, before, next })) {
      removed.push(transition.id);
      return;
    }
    if (last && last.to !== transition.from) relinked.push({ id: transition.id, from: last.to });
    last = transition;
  });
  return { removed, relinked };
}

interface Neighbours {
  /** The last one that stays. */
  readonly last: Transition;
  readonly before: Transition;
  readonly next: Transition | undefined;
}

/** Where a clock was set back, nothing is merged: that would count time that the transitions themselves do not. */
function isMergeable(one: Transition, { last, before, next }: Neighbours): boolean {
  if (countsAs(one.to) !== countsAs(last.to) || before.at > one.at) return false;
  // What follows the last one has its status as `from`.
  return next ? one.at <= next.at : one.to === last.to;
}
