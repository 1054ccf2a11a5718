import { expect, test } from 'vitest';
import { isTimeZone, toInstant } from './wall-clock.mjs';

test.each([
  ['2011-11-28T10:21:24', 'Europe/Madrid', '2011-11-28T09:21:24.000Z'],
  ['2011-11-28 10:21:24', 'Europe/Madrid', '2011-11-28T09:21:24.000Z'],
  ['2026-01-31T08:00', 'America/Bogota', '2026-01-31T13:00:00.000Z'],
  ['2026-01-31T08:00:00.5Z', 'America/Bogota', '2026-01-31T08:00:00.500Z'],
  ['2026-01-31T08:00:00-05:00', 'Europe/Madrid', '2026-01-31T13:00:00.000Z'],
  // Skipped: later by the gap; repeated: the first.
  ['2025-03-30T02:30:00', 'Europe/Madrid', '2025-03-30T01:30:00.000Z'],
  ['2025-10-26T02:30:00', 'Europe/Madrid', '2025-10-26T00:30:00.000Z'],
])('%s in %s is %s', (text, zone, instant) => {
  expect(toInstant(text, zone)).toBe(instant);
});

test.each(['', 'soon', '2026-02-30T10:00:00', '10:00'])('%j is no time', (text) => {
  expect(toInstant(text, 'Europe/Madrid')).toBeUndefined();
});

test('zones are known by their names', () => {
  expect(['Europe/Madrid', 'UTC', 'Mars/Base', ''].map(isTimeZone)).toStrictEqual([true, true, false, false]);
});
