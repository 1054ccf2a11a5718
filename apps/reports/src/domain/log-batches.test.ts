import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildRuleCreated, buildLog, buildReadingsRecorded, type TestEvent } from '../testing/log-entries.js';
import {
  MAX_ENTRIES_PER_LOG_READ,
  estimateNextReadCount,
  splitIntoTransactionBatches,
} from './log-batches.js';

const reading = { id: 'r', state: 'OPEN', at: '2026-03-01T08:00:00.000Z' } as const;
const buildEntry = (readings: number): TestEvent => ({
  ...buildReadingsRecorded(),
  data: { ...buildReadingsRecorded().data, readings: Array.from({ length: readings }, () => reading) },
});
const countReadings = (batches: readonly (readonly { data: unknown }[])[]) =>
  batches.map((batch) =>
    batch.reduce((sum, { data }) => sum + ((data as { readings?: unknown[] }).readings?.length ?? 0), 0),
  );

test('batches hold all entries in order, and only a single entry exceeds the maximum weight', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(1_500)), { maxLength: 40 }), (sizes) => {
      const log = buildLog(sizes.map((size) => (size === 0 ? buildRuleCreated() : buildEntry(size))));
      const batches = splitIntoTransactionBatches(log);
      expect(batches.flat()).toEqual(log);
      countReadings(batches).forEach((weight, index) => {
        expect(batches[index]).not.toHaveLength(0);
        if (batches[index]!.length > 1) expect(weight).toBeLessThanOrEqual(1_000);
      });
    }),
  );
});

test('small entries share a batch', () => {
  expect(
    splitIntoTransactionBatches(
      buildLog(Array.from({ length: MAX_ENTRIES_PER_LOG_READ }, () => buildRuleCreated())),
    ),
  ).toHaveLength(1);
  expect(splitIntoTransactionBatches([])).toEqual([]);
});

test('the read count is estimated from the weight of the last entries', () => {
  expect(estimateNextReadCount([])).toBe(MAX_ENTRIES_PER_LOG_READ);
  expect(estimateNextReadCount(buildLog([buildRuleCreated(), buildRuleCreated()]))).toBe(
    MAX_ENTRIES_PER_LOG_READ,
  );
  expect(estimateNextReadCount(buildLog([buildEntry(97), buildEntry(97)]))).toBe(10);
  expect(estimateNextReadCount(buildLog([buildEntry(5_000)]))).toBe(1);
  expect(estimateNextReadCount(buildLog([{ type: 'RuleSung', version: 1, data: null }]))).toBe(
    MAX_ENTRIES_PER_LOG_READ,
  );
});
