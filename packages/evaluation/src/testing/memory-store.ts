import type { IntervalChanges } from '../apply-readings.js';
import type { IntervalHistory } from '../interval-history.js';
import type { OpenInterval } from '../open-intervals.js';
import { compareReadings, type SensorReading } from '../sensor-reading.js';

/** The record of one opening as a database would keep it, in memory. */
export interface MemoryStore extends IntervalHistory {
  readonly readings: readonly SensorReading[];
  readonly intervals: readonly OpenInterval[];
  /** Puts readings on record; of those with one id the first counts. @returns those that are new */
  record(readings: readonly SensorReading[]): SensorReading[];
  apply(changes: IntervalChanges): void;
}

/** @param saved what another store had on record, as after a restart */
export function createMemoryStore(saved?: Pick<MemoryStore, 'readings' | 'intervals'>): MemoryStore {
  const ids = new Set(saved?.readings.map(({ id }) => id));
  let readings = saved?.readings ?? [];
  let intervals = saved?.intervals ?? [];
  return {
    get readings() {
      return readings;
    },
    get intervals() {
      return intervals;
    },
    record(given) {
      const added = given.filter(({ id }) => !ids.has(id) && ids.add(id));
      readings = [...readings, ...added].sort(compareReadings);
      return added;
    },
    apply({ put, removed }) {
      const stale = new Set([...removed, ...put.map(({ startId }) => startId)]);
      intervals = [...intervals.filter(({ startId }) => !stale.has(startId)), ...put].sort(
        (a, b) => a.startedAt - b.startedAt,
      );
    },
    firstReading: (state, from) => readings.find((one) => one.state === state && one.at >= from),
    intervalBefore: (at) => intervals.findLast(({ startedAt }) => startedAt < at),
    intervalsBetween: (from, until) =>
      intervals.filter(({ startedAt }) => startedAt >= from && startedAt <= until),
  };
}
