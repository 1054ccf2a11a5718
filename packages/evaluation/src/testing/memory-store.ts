import type { IntervalChanges, IntervalHistory } from '../apply-readings.js';
import { compareReadings, type OpeningInterval, type SensorReading } from '../opening-intervals.js';

/** The history of one opening in memory, as a database stores it. */
export interface MemoryStore extends IntervalHistory {
  readonly readings: readonly SensorReading[];
  readonly intervals: readonly OpeningInterval[];
  /** Stores readings; of several with one id the first counts. @returns the new ones */
  record(readings: readonly SensorReading[]): SensorReading[];
  /** Stores changes of intervals. */
  apply(changes: IntervalChanges): void;
}

/** @param initial the contents of another store, as after a restart */
export function createMemoryStore(initial?: Pick<MemoryStore, 'readings' | 'intervals'>): MemoryStore {
  const ids = new Set(initial?.readings.map(({ id }) => id));
  let readings = initial?.readings ?? [];
  let intervals = initial?.intervals ?? [];
  return {
    get readings() {
      return readings;
    },
    get intervals() {
      return intervals;
    },
    record(received) {
      const added = received.filter(({ id }) => !ids.has(id) && ids.add(id));
      readings = [...readings, ...added].sort(compareReadings);
      return added;
    },
    apply({ put, removed }) {
      const replaced = new Set([...removed, ...put].map(({ startId }) => startId));
      intervals = [...intervals.filter(({ startId }) => !replaced.has(startId)), ...put].sort(
        (a, b) => a.startedAt - b.startedAt,
      );
    },
    firstReading: (state, from) => readings.find((reading) => reading.state === state && reading.at >= from),
    intervalBefore: (at) => intervals.findLast(({ startedAt }) => startedAt < at),
    intervalsBetween: (from, until) =>
      intervals.filter(({ startedAt }) => startedAt >= from && startedAt <= until),
  };
}
