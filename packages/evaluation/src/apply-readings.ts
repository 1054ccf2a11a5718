import type { OpeningState } from '@seguridad-abc/contracts';
import {
  advanceInterval,
  getStateAfterInterval,
  type SimultaneousReadings,
  type OpeningStateSince,
  type OpeningInterval,
  type SensorReading,
} from './opening-intervals.js';

/**
 * The stored history of one opening. Its three queries are one index lookup each: readings by state, instant and id;
 * intervals by start. A reading that is ahead of the clock is not part of it until it takes effect.
 */
export interface IntervalHistory {
  /** The first reading of a state at or after an instant, in the order of readings. */
  firstReading(state: OpeningState, from: number): SensorReading | undefined;
  /** The interval that starts last before an instant. */
  intervalBefore(at: number): OpeningInterval | undefined;
  /** The intervals that start in `[from, until]`, in order. */
  intervalsBetween(from: number, until: number): readonly OpeningInterval[];
}

/** How the intervals and the state of an opening change when readings are added. */
export interface IntervalChanges extends OpeningStateSince {
  /** Intervals that are new, or whose end changed, in order. */
  readonly put: readonly OpeningInterval[];
  /** Intervals that no longer exist, as they were stored. */
  readonly removed: readonly OpeningInterval[];
}

/** Earlier and later than every instant; integers, so that a database can compare with them. */
const FIRST_INSTANT = Number.MIN_SAFE_INTEGER;
const LAST_INSTANT = Number.MAX_SAFE_INTEGER;

/**
 * Computes how added readings change the intervals of one opening. The result is the same as that of `deriveIntervals` over
 * all readings. The cost depends on the number of changed intervals, not on the length of the history.
 * @param history the opening's readings including the added ones, and its intervals before the addition
 * @param added the new readings, in any order; readings that were stored before have no effect
 */
export function applyReadings(history: IntervalHistory, added: readonly SensorReading[]): IntervalChanges {
  const spans: RebuiltSpan[] = [];
  for (const at of added.map((reading) => reading.at).sort((a, b) => a - b)) {
    if (at > (spans.at(-1)?.until ?? FIRST_INSTANT)) spans.push(rebuildFrom(history, at));
  }
  const put = spans.flatMap((span) => span.put);
  const removed = spans.flatMap((span) => span.removed);
  return { put, removed, ...derivePresentState(history, put, removed) };
}

/** A span of time in which the intervals are rebuilt. */
interface RebuiltSpan {
  readonly put: readonly OpeningInterval[];
  readonly removed: readonly OpeningInterval[];
  /** The last instant of the span, inclusive. */
  readonly until: number;
}

/**
 * Rebuilds the intervals from an instant until they agree with the stored ones again. It steps from one change of state to
 * the next, so repeated reports between them cost nothing.
 */
function rebuildFrom(history: IntervalHistory, from: number): RebuiltSpan {
  const openBefore = findOpenBefore(history, from);
  const rebuilt: OpeningInterval[] = [];
  let open = openBefore;
  let at = from;
  for (;;) {
    const step = advanceInterval(open, getInstantReport(history, at));
    if (step.ended) rebuilt.push(step.ended);
    open = step.open;
    if (open?.startId === findOpenAfter(history, at)?.startId) break;
    const next = history.firstReading(open ? 'CLOSED' : 'OPEN', at + 1);
    if (next) {
      at = next.at;
      continue;
    }
    if (open) rebuilt.push({ ...open, endedAt: null });
    at = LAST_INSTANT;
    break;
  }
  const stored = new Map<string, OpeningInterval>();
  if (openBefore) stored.set(openBefore.startId, openBefore);
  for (const interval of history.intervalsBetween(from, at)) stored.set(interval.startId, interval);
  const put = rebuilt.filter(({ startId, endedAt }) => stored.get(startId)?.endedAt !== endedAt);
  for (const { startId } of open ? [...rebuilt, open] : rebuilt) stored.delete(startId);
  return { put, removed: [...stored.values()], until: at };
}

function getInstantReport(history: IntervalHistory, at: number): SimultaneousReadings {
  const opened = history.firstReading('OPEN', at);
  const closed = history.firstReading('CLOSED', at);
  return { at, opened: opened?.at === at ? opened : undefined, closed: closed?.at === at };
}

/** The stored interval that is open just before an instant. It may end at the instant. */
function findOpenBefore(history: IntervalHistory, at: number): OpeningInterval | undefined {
  const last = history.intervalBefore(at);
  return last && (last.endedAt === null || last.endedAt >= at) ? last : undefined;
}

/** The stored interval that is open after all readings of an instant. */
function findOpenAfter(history: IntervalHistory, at: number): OpeningInterval | undefined {
  const last = history.intervalBefore(at + 1);
  return last && (last.endedAt === null || last.endedAt > at) ? last : undefined;
}

/** An interval is removed only if another one is put, so the last interval is the last one put or the last one stored. */
function derivePresentState(
  history: IntervalHistory,
  put: readonly OpeningInterval[],
  removed: readonly OpeningInterval[],
): OpeningStateSince {
  const lastPut = put.at(-1);
  const lastStored = history.intervalBefore(LAST_INSTANT);
  const isRemoved = removed.some(({ startId }) => startId === lastStored?.startId);
  if (lastPut && (!lastStored || isRemoved || lastPut.startedAt >= lastStored.startedAt)) {
    return getStateAfterInterval(lastPut);
  }
  if (lastStored) return getStateAfterInterval(lastStored);
  const first = history.firstReading('CLOSED', FIRST_INSTANT);
  return first ? { state: 'CLOSED', since: first.at } : { state: null, since: null };
}
