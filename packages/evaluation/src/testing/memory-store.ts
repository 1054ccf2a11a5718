import type { IntervalChanges, SignalHistory } from '../apply-readings.js';
import type { OpenIntervals } from '../open-by.js';
import { compareReadings, type SignalInterval, type SignalReport } from '../signal-intervals.js';

/** The history of one signal of one opening in memory, as a database stores it. */
export interface MemoryStore extends SignalHistory, OpenIntervals {
  readonly reports: readonly SignalReport[];
  readonly intervals: readonly SignalInterval[];
  /** Stores reports; of several with one id the first counts. @returns the instants of the new ones */
  record(reports: readonly SignalReport[]): number[];
  /** Withdraws reports; their ids stay used. @returns their instants */
  withdraw(ids: readonly string[]): number[];
  /** Stores changes of intervals. */
  apply(changes: Pick<IntervalChanges, 'put' | 'removed'>): void;
}

/** @param initial the contents of another store, as after a restart */
export function createMemoryStore(initial?: Pick<MemoryStore, 'reports' | 'intervals'>): MemoryStore {
  const ids = new Set(initial?.reports.map(({ id }) => id));
  let reports = initial?.reports ?? [];
  let intervals = initial?.intervals ?? [];
  return {
    get reports() {
      return reports;
    },
    get intervals() {
      return intervals;
    },
    record(received) {
      const added = received.filter(({ id }) => !ids.has(id) && ids.add(id));
      reports = [...reports, ...added].sort(compareReadings);
      return added.map(({ at }) => at);
    },
    withdraw(withdrawnIds) {
      const withdrawn = reports.filter(({ id }) => withdrawnIds.includes(id));
      reports = reports.filter(({ id }) => !withdrawnIds.includes(id));
      return withdrawn.map(({ at }) => at);
    },
    apply({ put, removed }) {
      const replaced = new Set([...removed, ...put].map(({ startId }) => startId));
      intervals = [...intervals.filter(({ startId }) => !replaced.has(startId)), ...put].sort(
        (a, b) => a.startedAt - b.startedAt,
      );
    },
    firstReport: (value, from) => reports.find((report) => report.value === value && report.at >= from),
    intervalBefore: (at) => intervals.findLast(({ startedAt }) => startedAt < at),
    intervalFrom: (at) => intervals.find(({ startedAt }) => startedAt >= at),
    intervalsBetween: (from, until) =>
      intervals.filter(({ startedAt }) => startedAt >= from && startedAt <= until),
  };
}
