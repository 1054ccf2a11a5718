import type { ClockReading } from '@seguridad-abc/contracts';
import { formatDuration } from './format-duration.js';

/**
 * How far the clock of a process is ahead of the monitor's, in milliseconds, in its last two periods of half an interval. A heartbeat
 * that was delayed on its way seems to come from a clock that is behind, so the largest offset of a period counts.
 */
export interface ClockOffsets {
  /** Monotonic time at which the current period began. */
  readonly periodStartedAt: number;
  readonly current: number;
  readonly previous: number | undefined;
}

/** Part of a heartbeat interval that makes a period. Heartbeats that arrive at once, after a pause, share a period. */
const PERIOD_PART = 0.5;

/** Adds the offset that a heartbeat shows. @param intervalMs of the heartbeats of the process */
export function addClockOffset(
  offsets: ClockOffsets | undefined,
  offsetMs: number,
  intervalMs: number,
  { monotonicMs }: ClockReading,
): ClockOffsets {
  if (offsets && monotonicMs - offsets.periodStartedAt < PERIOD_PART * intervalMs)
    return { ...offsets, current: Math.max(offsets.current, offsetMs) };
  return { periodStartedAt: monotonicMs, current: offsetMs, previous: offsets?.current };
}

/** The time of most processes relative to the monitor's clock, in milliseconds: the clock of the monitor can be wrong, too. */
export interface ClockReference {
  readonly current: number;
  readonly previous: number;
}

/** Derives the time of most processes from the offsets of all. */
export const findClockReference = (all: readonly ClockOffsets[]): ClockReference => ({
  current: findMedian(all.map(({ current }) => current)),
  previous: findMedian(all.flatMap(({ previous }) => previous ?? [])),
});

/** Of two values in the middle, the one closer to 0 counts: the monitor's clock decides between two equal groups. */
function findMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return Math.abs(lower) < Math.abs(upper) ? lower : upper;
}

/**
 * Describes a clock that is wrong by more than the limit. Two periods must show it: while the clock of one machine is set, the
 * processes notice it one after the other.
 * @returns one clause; undefined if the clock is right, or not known
 */
export function describeClockSkew(
  { current, previous }: ClockOffsets,
  reference: ClockReference,
  maxSkewMs: number,
): string | undefined {
  if (previous === undefined) return undefined;
  const skewMs = current - reference.current;
  const previousSkewMs = previous - reference.previous;
  const isLasting = Math.sign(skewMs) === Math.sign(previousSkewMs) && Math.abs(previousSkewMs) > maxSkewMs;
  if (Math.abs(skewMs) <= maxSkewMs || !isLasting) return undefined;
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  return `its clock is ${formatDuration(Math.abs(skewMs))} ${direction} the other processes' (limit ${formatDuration(maxSkewMs)})`;
}
