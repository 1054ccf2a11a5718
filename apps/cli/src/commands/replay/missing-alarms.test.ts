import { expect, test } from 'vitest';
import { explainMissingAlarms } from './missing-alarms.js';
import { parseReadingsCsv } from './parse-readings-csv.js';

const { readings: READINGS } = parseReadingsCsv(
  Buffer.from(
    [
      'opening,opened_at,closed_at',
      'Door,2025-03-28T08:00:00,2025-03-28T08:10:00',
      'Door,2025-03-29T08:00:00,2025-03-29T08:10:00',
      'Window,2025-03-28T08:00:00,',
    ].join('\n'),
  ),
  { timeZone: 'UTC' },
);
const createRule = (opening: string, effectiveFrom: string, enabled = true) => ({
  opening,
  effectiveFrom,
  enabled,
});

test('readings from before the first rule of their opening took effect', () => {
  const rules = [
    createRule('Door', '2026-01-01T00:00:00.000Z'),
    createRule('Door', '2025-03-29T00:00:00.000Z'),
    createRule('Door', '2025-01-01T00:00:00.000Z', false),
    // The window is still open, so its rule evaluates it from now on.
    createRule('Window', '2026-01-01T00:00:00.000Z'),
  ];
  expect(explainMissingAlarms(READINGS, rules)).toEqual([
    expect.stringMatching(
      /^2 of 5 readings raise no alarm, because the rules took effect later .* --effective-from 2025-03-28T08:00:00\.000Z\.$/,
    ),
  ]);
});

test('readings of openings without an enabled rule', () => {
  const rules = [
    createRule('Door', '2025-01-01T00:00:00.000Z'),
    createRule('Window', '2025-01-01T00:00:00.000Z', false),
  ];
  expect(explainMissingAlarms(READINGS, rules)).toEqual([
    '1 of 5 readings raise no alarm, because no enabled rule names their opening (Window).',
  ]);
});

test('nothing if rules evaluate all readings', () => {
  const rules = [
    createRule('Door', '2025-01-01T00:00:00.000Z'),
    createRule('Window', '2025-01-01T00:00:00.000Z'),
  ];
  expect(explainMissingAlarms(READINGS, rules)).toEqual([]);
});
