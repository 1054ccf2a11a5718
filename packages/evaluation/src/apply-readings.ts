import type { IntervalHistory } from './interval-history.js';
import {
  advanceInterval,
  openingStateAfter,
  type OpenInterval,
  type InstantReport,
  type OpeningStateSince,
} from './open-intervals.js';
import type { SensorReading } from './sensor-reading.js';

/** What becomes of an opening when readings are added. */
export interface IntervalChanges extends OpeningStateSince {
  /** Intervals that are new, or end otherwise than before, in order. */
  readonly put: readonly OpenInterval[];
  /** `startId`s of intervals that are none any more. */
  readonly removed: readonly string[];
}

/** Before and after every instant there is; whole numbers, so that a database can compare with them. */
const FIRST = Number.MIN_SAFE_INTEGER;
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Finds how the intervals of one opening change. The work is in what changes: from each instant touched up to where the
 * intervals on record are right again, whatever lies between, before or after.
 *
 * @param store the opening's readings, the added ones among them, and its intervals as they were before
 * @param added what is new, in any order; readings that were on record before change nothing
 */
export function applyReadings(store: IntervalHistory, added: readonly SensorReading[]): IntervalChanges {
  const stretches: Stretch[] = [];
  for (const at of added.map((reading) => reading.at).sort((a, b) => a - b)) {
    if (at > (stretches.at(-1)?.until ?? FIRST)) stretches.push(settle(store, at));
  }
  const put = stretches.flatMap((stretch) => stretch.put);
  const removed = stretches.flatMap((stretch) => stretch.removed);
  return { put, removed, ...stateNow(store, put, removed) };
}

interface Stretch {
  readonly put: readonly OpenInterval[];
  readonly removed: readonly string[];
  /** Up to this instant, and at it, all is settled. */
  readonly until: number;
}

/**
 * Makes the intervals anew from an instant on, up to the next one after which they are as on record. It goes from one
 * change of state to the next, so that repeated reports between cost nothing.
 */
function settle(store: IntervalHistory, from: number): Stretch {
  const before = openThrough(store, from);
  const anew: OpenInterval[] = [];
  let open = before;
  let at = from;
  for (;;) {
    const passed = advanceInterval(open, momentAt(store, at));
    if (passed.ended) anew.push(passed.ended);
    open = passed.open;
    if (open?.startId === openAfter(store, at)?.startId) break;
    const next = store.firstReading(open ? 'CLOSED' : 'OPEN', at + 1);
    if (next) {
      at = next.at;
      continue;
    }
    if (open) anew.push({ ...open, endedAt: null });
    at = LAST;
    break;
  }
  const old = new Map<string, OpenInterval>();
  if (before) old.set(before.startId, before);
  for (const one of store.intervalsBetween(from, at)) old.set(one.startId, one);
  const put = anew.filter(({ startId, endedAt }) => old.get(startId)?.endedAt !== endedAt);
  for (const { startId } of open ? [...anew, open] : anew) old.delete(startId);
  return { put, removed: [...old.keys()], until: at };
}

function momentAt(store: IntervalHistory, at: number): InstantReport {
  const opened = store.firstReading('OPEN', at);
  const closed = store.firstReading('CLOSED', at);
  return { at, opened: opened?.at === at ? opened : undefined, closed: closed?.at === at };
}

/** The interval on record that the opening is in when an instant comes; it may end then. */
function openThrough(store: IntervalHistory, at: number): OpenInterval | undefined {
  const last = store.intervalBefore(at);
  return last && (last.endedAt === null || last.endedAt >= at) ? last : undefined;
}

/** The interval on record that the opening is in after all that is reported of an instant. */
function openAfter(store: IntervalHistory, at: number): OpenInterval | undefined {
  const last = store.intervalBefore(at + 1);
  return last && (last.endedAt === null || last.endedAt > at) ? last : undefined;
}

/** An interval is only removed in favour of one that is put, so the last is among those put or is the last on record. */
function stateNow(
  store: IntervalHistory,
  put: readonly OpenInterval[],
  removed: readonly string[],
): OpeningStateSince {
  const lastPut = put.at(-1);
  const onRecord = store.intervalBefore(LAST);
  const gone = onRecord && removed.includes(onRecord.startId);
  if (lastPut && (!onRecord || gone || lastPut.startedAt >= onRecord.startedAt))
    return openingStateAfter(lastPut);
  if (onRecord) return openingStateAfter(onRecord);
  const first = store.firstReading('CLOSED', FIRST);
  return first ? { state: 'CLOSED', since: first.at } : { state: null, since: null };
}
