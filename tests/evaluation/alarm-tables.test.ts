import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WEEKDAYS, type Window } from '@seguridad-abc/contracts';
import {
  applyReadings,
  findAlarmsOfInterval,
  NO_EXCEPTIONS,
  type EvaluatedVersions,
  type SignalReport,
} from '@seguridad-abc/evaluation';
import { createMemoryStore } from '@seguridad-abc/evaluation/testing';
import { describe, expect, it } from 'vitest';
import {
  createReferenceTable,
  formatAlarmTable,
  readReadings,
  readRules,
  type OpeningReading,
  type ReferenceRule,
} from '../reference/alarm-table.js';
import type { ReferenceWindow } from '../reference/reference-evaluation.js';
import { DATA_SETS, DATA_TIME_ZONE, EXAMPLES, shuffle } from './data-sets.js';

/** Later than every instant in the files. */
const NOW = Date.parse('2026-01-01T00:00:00Z');

it('examples/expected.csv is the table of the reference implementation (vitest -u writes it)', async () => {
  const text = (file: string) => readFileSync(join(EXAMPLES, file), 'utf8');
  const table = createReferenceTable(
    readRules(text('rules.csv')),
    readReadings(text('openings.csv'), DATA_TIME_ZONE),
    NOW,
  );
  await expect(table).toMatchFileSnapshot(join(EXAMPLES, 'expected.csv'));
});

describe.each(DATA_SETS)('%s', (_, isAvailable, read) => {
  describe.skipIf(!isAvailable)('give the expected alarm table', () => {
    it('by the reference implementation', () => {
      const { rules, readings, expected } = read();
      expect(createReferenceTable(rules, readings, NOW)).toBe(expected);
    });

    it.each<[string, (readings: readonly OpeningReading[]) => readonly OpeningReading[]]>([
      ['in the order of the file', (readings) => readings],
      ['in reverse order', (readings) => readings.toReversed()],
      ['in another order', shuffle],
      ['with every reading twice', (readings) => shuffle([...readings, ...readings])],
    ])('by packages/evaluation %s, in batches of 1 and of 1,000', (_, arrange) => {
      const { rules, readings, expected } = read();
      expect(readings.length).toBeGreaterThan(0);
      expect(createEvaluatedTable(rules, arrange(readings), 1)).toBe(expected);
      expect(createEvaluatedTable(rules, arrange(readings), 1_000)).toBe(expected);
    });
  });
});

/** The alarm table by packages/evaluation, which applies the readings in this order and in batches. */
function createEvaluatedTable(
  rules: readonly ReferenceRule[],
  readings: readonly OpeningReading[],
  batchSize: number,
): string {
  const intervals = new Map(
    [...new Set(readings.map(({ opening }) => opening))].map((opening) => [
      opening,
      applyInBatches(
        readings.filter((reading) => reading.opening === opening),
        batchSize,
      ),
    ]),
  );
  return formatAlarmTable(
    rules.flatMap((rule) =>
      (intervals.get(rule.opening) ?? []).flatMap((interval) =>
        findAlarmsOfInterval(toEvaluatedVersions(rule), 'OPEN', interval, NOW)
          .alarms.filter(({ at }) => at <= NOW)
          .map(({ kind, at }) => ({
            rule: rule.name,
            kind,
            raisedAt: at,
            clearedAt: interval.endedAt ?? Infinity,
          })),
      ),
    ),
  );
}

function applyInBatches(readings: readonly OpeningReading[], size: number) {
  const store = createMemoryStore();
  const reports = readings.map(({ id, at, state }): SignalReport => ({ id, at, value: state === 'OPEN' }));
  for (let start = 0; start < reports.length; start += size) {
    store.apply(applyReadings(store, store.record(reports.slice(start, start + size))));
  }
  return store.intervals;
}

const toEvaluatedVersions = ({ version }: ReferenceRule): EvaluatedVersions => ({
  versions: [
    {
      ...version,
      until: version.until === Infinity ? null : version.until,
      windows: version.windows?.map(toWindow) ?? null,
      calendar: null,
      activeWindows: null,
    },
  ],
  exceptions: NO_EXCEPTIONS,
});

const toWindow = ({ days, opensAt, closesAt }: ReferenceWindow): Window => ({
  days: WEEKDAYS.filter((day) => days === null || days.includes(day)),
  opensAt,
  closesAt,
  openBy: null,
});
