import type { IntervalChanges } from '../add-readings.js';
import type { IntervalStore } from '../interval-store.js';
import type { JudgedInterval } from '../intervals.js';
import { compareReadings, type JudgedReading } from '../reading.js';

/** A record of one opening in memory, kept as a database would keep it. */
export interface MemoryStore extends IntervalStore {
  /** Puts readings on record. @returns those that were not there */
  record(readings: readonly JudgedReading[]): JudgedReading[];
  apply(changes: IntervalChanges): void;
  readonly readings: readonly JudgedReading[];
  readonly intervals: readonly JudgedInterval[];
}

export function createMemoryStore(): MemoryStore {
  const readings = new Map<string, JudgedReading>();
  const intervals = new Map<string, JudgedInterval>();
  const inOrder = () => [...intervals.values()].sort((a, b) => a.startedAt - b.startedAt);
  return {
    get readings() {
      return [...readings.values()].sort(compareReadings);
    },
    get intervals() {
      return inOrder();
    },
    record(given) {
      const added: JudgedReading[] = [];
      for (const reading of given) {
        if (readings.has(reading.id)) continue;
        readings.set(reading.id, reading);
        added.push(reading);
      }
      return added;
    },
    apply({ put, removed }) {
      for (const startId of removed) intervals.delete(startId);
      for (const interval of put) intervals.set(interval.startId, interval);
    },
    firstReading: (state, from) =>
      [...readings.values()].sort(compareReadings).find((one) => one.state === state && one.at >= from),
    intervalBefore: (at) => inOrder().findLast(({ startedAt }) => startedAt < at),
    intervalsBetween: (from, until) =>
      inOrder().filter(({ startedAt }) => startedAt >= from && startedAt <= until),
  };
}
