import {
  advanceInterval,
  getValueAfterInterval,
  type SignalInterval,
  type SignalReport,
  type SignalValueSince,
  type SimultaneousReports,
} from './signal-intervals.js';
import type { Period } from './periods.js';

/**
 * The stored history of one signal of one opening. Its three queries are one index lookup each: reports by value, instant and
 * id; intervals by start. A reading that is ahead of the clock is not part of it until it takes effect. A withdrawn reading is
 * not part of it.
 */
export interface SignalHistory {
  /** The first report of a value at or after an instant, in the order of readings. */
  firstReport(value: boolean, from: number): SignalReport | undefined;
  /** The interval that starts last before an instant. */
  intervalBefore(at: number): SignalInterval | undefined;
  /** The intervals that start in `[from, until]`, in order. */
  intervalsBetween(from: number, until: number): readonly SignalInterval[];
}

/** How the intervals and the value of a signal change when readings are added or withdrawn. */
export interface IntervalChanges extends SignalValueSince {
  /** Intervals that are new, or whose end changed, in order. */
  readonly put: readonly SignalInterval[];
  /** Intervals that no longer exist, as they were stored. */
  readonly removed: readonly SignalInterval[];
  /** Outside of these periods the value is as before. In order; the last may have no end: Infinity. */
  readonly changedPeriods: readonly Period[];
}

/** Earlier and later than every instant; integers, so that a database can compare with them. */
const FIRST_INSTANT = Number.MIN_SAFE_INTEGER;
const LAST_INSTANT = Number.MAX_SAFE_INTEGER;

/**
 * Computes how added and withdrawn readings change the intervals of a signal. The result is the same as that of
 * `deriveIntervals` over all readings. The cost depends on the number of changed intervals, not on the length of the history.
 * @param history the readings after the change, and the intervals before it
 * @param changedInstants the instants of the added and withdrawn readings, in any order. Further instants have no effect.
 */
export function applyReadings(history: SignalHistory, changedInstants: readonly number[]): IntervalChanges {
  const spans: RebuiltSpan[] = [];
  for (const at of [...changedInstants].sort((a, b) => a - b)) {
    if (at > (spans.at(-1)?.lastInstant ?? FIRST_INSTANT)) spans.push(rebuildFrom(history, at));
  }
  const changed = spans.filter((span) => span.put.length > 0 || span.removed.length > 0);
  const put = changed.flatMap((span) => span.put);
  const removed = changed.flatMap((span) => span.removed);
  const changedPeriods = changed.map(({ from, lastInstant }) => ({
    from,
    until: lastInstant === LAST_INSTANT ? Infinity : lastInstant + 1,
  }));
  return { put, removed, changedPeriods, ...derivePresentValue(history, put, removed) };
}

/** A span of time in which the intervals are rebuilt. */
interface RebuiltSpan {
  readonly from: number;
  /** Inclusive. */
  readonly lastInstant: number;
  readonly put: readonly SignalInterval[];
  readonly removed: readonly SignalInterval[];
}

/**
 * Rebuilds the intervals from an instant until they agree with the stored ones again. It steps from one change of the value to
 * the next, so repeated reports between them cost nothing.
 */
function rebuildFrom(history: SignalHistory, from: number): RebuiltSpan {
  const presentBefore = findPresentBefore(history, from);
  const rebuilt: SignalInterval[] = [];
  let present = presentBefore;
  let at = from;
  for (;;) {
    const step = advanceInterval(present, getReportsOfInstant(history, at));
    if (step.ended) rebuilt.push(step.ended);
    present = step.present;
    if (present?.startId === findPresentAfter(history, at)?.startId) break;
    const next = history.firstReport(!present, at + 1);
    if (next) {
      at = next.at;
      continue;
    }
    if (present) rebuilt.push({ ...present, endedAt: null });
    at = LAST_INSTANT;
    break;
  }
  const stored = new Map<string, SignalInterval>();
  if (presentBefore) stored.set(presentBefore.startId, presentBefore);
  for (const interval of history.intervalsBetween(from, at)) stored.set(interval.startId, interval);
  const put = rebuilt.filter(({ startId, endedAt }) => stored.get(startId)?.endedAt !== endedAt);
  for (const { startId } of present ? [...rebuilt, present] : rebuilt) stored.delete(startId);
  return { from, lastInstant: at, put, removed: [...stored.values()] };
}

function getReportsOfInstant(history: SignalHistory, at: number): SimultaneousReports {
  const begins = history.firstReport(true, at);
  const ends = history.firstReport(false, at);
  return { at, begins: begins?.at === at ? begins : undefined, ends: ends?.at === at };
}

/** The stored interval that lasts just before an instant. It may end at the instant. */
function findPresentBefore(history: SignalHistory, at: number): SignalInterval | undefined {
  const last = history.intervalBefore(at);
  return last && (last.endedAt === null || last.endedAt >= at) ? last : undefined;
}

/** The stored interval that lasts after all readings of an instant. */
function findPresentAfter(history: SignalHistory, at: number): SignalInterval | undefined {
  const last = history.intervalBefore(at + 1);
  return last && (last.endedAt === null || last.endedAt > at) ? last : undefined;
}

/** The last interval is the last one put, or the last stored one that is not removed. */
function derivePresentValue(
  history: SignalHistory,
  put: readonly SignalInterval[],
  removed: readonly SignalInterval[],
): SignalValueSince {
  const removedIds = new Set(removed.map(({ startId }) => startId));
  let lastStored = history.intervalBefore(LAST_INSTANT);
  while (lastStored && removedIds.has(lastStored.startId)) {
    lastStored = history.intervalBefore(lastStored.startedAt);
  }
  const lastPut = put.at(-1);
  if (lastPut && lastPut.startedAt >= (lastStored?.startedAt ?? FIRST_INSTANT)) {
    return getValueAfterInterval(lastPut);
  }
  if (lastStored) return getValueAfterInterval(lastStored);
  const first = history.firstReport(false, FIRST_INSTANT);
  return first ? { value: false, since: first.at } : { value: null, since: null };
}
