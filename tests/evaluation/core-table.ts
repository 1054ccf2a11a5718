import { WEEKDAYS } from '@seguridad-abc/contracts';
import { applyReadings, findDueAlarms, type RuleVersion } from '@seguridad-abc/evaluation';
import { createMemoryStore } from '@seguridad-abc/evaluation/testing';
import { writeTable, type OpeningReading, type Rule } from '../reference/table.js';

/** The table of alarms by the core, which is given the readings in this order and in batches of this size. */
export function coreTable(
  rules: readonly Rule[],
  readings: readonly OpeningReading[],
  batch: number,
  now: number,
): string {
  const intervals = new Map(
    [...new Set(readings.map(({ opening }) => opening))].map((opening) => [
      opening,
      intervalsInBatches(
        readings.filter((reading) => reading.opening === opening),
        batch,
      ),
    ]),
  );
  return writeTable(
    rules.flatMap(({ name, opening, version }) =>
      (intervals.get(opening) ?? []).flatMap((interval) =>
        findDueAlarms([judged(version)], interval)
          .filter(({ at }) => at <= now)
          .map(({ kind, at }) => ({
            rule: name,
            kind,
            raisedAt: at,
            clearedAt: interval.endedAt ?? Infinity,
          })),
      ),
    ),
  );
}

function intervalsInBatches(readings: readonly OpeningReading[], size: number) {
  const store = createMemoryStore();
  for (let start = 0; start < readings.length; start += size) {
    store.apply(applyReadings(store, store.record(readings.slice(start, start + size))));
  }
  return store.intervals;
}

const judged = (version: Rule['version']): RuleVersion => ({
  ...version,
  until: version.until === Infinity ? null : version.until,
  days: WEEKDAYS.filter((day) => version.days.includes(day)),
});
