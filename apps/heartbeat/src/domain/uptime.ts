import type { HealthStatus } from '@seguridad-abc/contracts';
import type { HealthTransition } from './health-transitions.js';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

/** The length of each uptime window of the API, in milliseconds. */
export const UPTIME_WINDOW_MS = {
  HOUR: HOUR_MS,
  DAY: DAY_MS,
  WEEK: 7 * DAY_MS,
  MONTH: 30 * DAY_MS,
} as const;

export type UptimeWindow = keyof typeof UPTIME_WINDOW_MS;

/** A period in milliseconds of the wall clock. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * Calculates the share of the observed time in which a service was available. UP, LATE and DEGRADED count as available,
 * DOWN as unavailable. UNKNOWN and MAINTENANCE are not observed time.
 * @param transitions the transitions of one service in recorded order, starting with the one in effect at `from`. If the
 *   wall clock was set back between two transitions, the time between them counts as zero
 * @returns 0..1, or undefined if no time was observed
 */
export function calculateUptime(
  transitions: readonly Pick<HealthTransition, 'to' | 'at'>[],
  { from, to }: TimeSpan,
): number | undefined {
  const totalMs = { available: 0, unavailable: 0 };
  transitions.forEach((transition, index) => {
    const availability = getAvailability(transition.to);
    const end = transitions[index + 1]?.at ?? to;
    if (availability) {
      totalMs[availability] += Math.max(0, Math.min(end, to) - Math.max(transition.at, from));
    }
  });
  const observedMs = totalMs.available + totalMs.unavailable;
  return observedMs > 0 ? totalMs.available / observedMs : undefined;
}

/** How a status counts in uptime. Undefined: not observed. */
function getAvailability(status: HealthStatus): 'available' | 'unavailable' | undefined {
  switch (status) {
    case 'UP':
    case 'LATE':
    case 'DEGRADED':
      return 'available';
    case 'DOWN':
      return 'unavailable';
    case 'UNKNOWN':
    case 'MAINTENANCE':
      return undefined;
  }
}

/** A transition with the id under which it is stored. Ids increase in recorded order. */
export interface StoredTransition extends HealthTransition {
  readonly id: number;
}

/** Changes to stored transitions that shorten the history. */
export interface CompactionChanges {
  /** Ids of the transitions to delete. */
  readonly removed: readonly number[];
  /** Transitions after a deleted one, with their new `from` status. */
  readonly relinked: readonly { readonly id: number; readonly from: HealthStatus }[];
}

/**
 * Merges consecutive transitions between statuses that count alike in uptime: the first of each group stays. The uptime of
 * every period stays the same. Transitions after the given ones need no change.
 * @param transitions of one service, in the order of their ids
 */
export function deriveCompactionChanges(transitions: readonly StoredTransition[]): CompactionChanges {
  const removed: number[] = [];
  const relinked: { id: number; from: HealthStatus }[] = [];
  let lastKept: StoredTransition | undefined;
  transitions.forEach((transition, index) => {
    const previous = transitions[index - 1];
    const next = transitions[index + 1];
    if (lastKept && previous && canMerge(transition, { lastKept, previous, next })) {
      removed.push(transition.id);
      return;
    }
    if (lastKept && lastKept.to !== transition.from) relinked.push({ id: transition.id, from: lastKept.to });
    lastKept = transition;
  });
  return { removed, relinked };
}

interface NeighboringTransitions {
  readonly lastKept: HealthTransition;
  readonly previous: HealthTransition;
  readonly next: HealthTransition | undefined;
}

/** Transitions around a backward step of the wall clock stay, since merging would count time that they do not. */
function canMerge(
  transition: HealthTransition,
  { lastKept, previous, next }: NeighboringTransitions,
): boolean {
  const countsAlike = getAvailability(transition.to) === getAvailability(lastKept.to);
  if (!countsAlike || previous.at > transition.at) return false;
  // A transition that follows the given ones has the last status as its `from`, so the last one must keep its status.
  return next ? transition.at <= next.at : transition.to === lastKept.to;
}
