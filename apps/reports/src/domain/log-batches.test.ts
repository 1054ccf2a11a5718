import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildRuleCreated, buildLog, buildReadingsRecorded, type TestEvent } from '../testing/log-entries.js';
import { MAX_READ_ENTRIES, estimateReadCount, splitIntoBatches } from './log-batches.js';

const reading = { id: 'r', state: 'OPEN', at: '2026-03-01T08:00:00.000Z' } as const;
const batch = (readings: number): TestEvent => ({
  ...buildReadingsRecorded(),
  data: { ...buildReadingsRecorded().data, readings: Array.from({ length: readings }, () => reading) },
});
const weights = (parts: readonly (readonly { data: unknown }[])[]) =>
  parts.map((part) =>
    part.reduce((sum, { data }) => sum + ((data as { readings?: unknown[] }).readings?.length ?? 0), 0),
  );

test('portions are the entries as they were, and none but one of a single entry is too heavy', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(1_500)), { maxLength: 40 }), (sizes) => {
      const log = buildLog(sizes.map((size) => (size === 0 ? buildRuleCreated() : batch(size))));
      const parts = splitIntoBatches(log);
      expect(parts.flat()).toEqual(log);
      weights(parts).forEach((weight, index) => {
        expect(parts[index]).not.toHaveLength(0);
        if (parts[index]!.length > 1) expect(weight).toBeLessThanOrEqual(1_000);
      });
    }),
  );
});

test('small entries go together', () => {
  expect(
    splitIntoBatches(buildLog(Array.from({ length: MAX_READ_ENTRIES }, () => buildRuleCreated()))),
  ).toHaveLength(1);
  expect(splitIntoBatches([])).toEqual([]);
});

test('as many are read as come to a portion, going by the last ones', () => {
  expect(estimateReadCount([])).toBe(MAX_READ_ENTRIES);
  expect(estimateReadCount(buildLog([buildRuleCreated(), buildRuleCreated()]))).toBe(MAX_READ_ENTRIES);
  expect(estimateReadCount(buildLog([batch(97), batch(97)]))).toBe(10);
  expect(estimateReadCount(buildLog([batch(5_000)]))).toBe(1);
  expect(estimateReadCount(buildLog([{ type: 'RuleSung', version: 1, data: null }]))).toBe(MAX_READ_ENTRIES);
});
