import { describe, expect, test } from 'vitest';
import { isDate, toInstant } from './instants.js';

describe('toInstant', () => {
  test.each([
    ['2011-11-28T10:21:24', 'Europe/Madrid', '2011-11-28T09:21:24.000Z'],
    ['2011-11-28 10:21:24', 'Europe/Madrid', '2011-11-28T09:21:24.000Z'],
    ['2026-01-31T08:00', 'America/Bogota', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31 8:00', 'America/Bogota', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31T8:00:00-05:00', 'Europe/Madrid', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31T08:00:00.5Z', 'America/Bogota', '2026-01-31T08:00:00.500Z'],
    ['2026-01-31T08:00:00-05:00', 'Europe/Madrid', '2026-01-31T13:00:00.000Z'],
    // A skipped time moves forward by the gap; a repeated time is the first one.
    ['2025-03-30T02:30:00', 'Europe/Madrid', '2025-03-30T01:30:00.000Z'],
    ['2025-10-26T02:30:00', 'Europe/Madrid', '2025-10-26T00:30:00.000Z'],
  ])('converts %s in %s to %s', (text, zone, instant) => {
    expect(toInstant(text, zone)).toBe(instant);
  });

  test.each(['', 'soon', '2026-02-30T10:00:00', '10:00'])('returns undefined for %j', (text) => {
    expect(toInstant(text, 'Europe/Madrid')).toBeUndefined();
  });
});

test.each([
  ['2026-11-01', true],
  ['2026-02-30', false],
  ['2026-11-01T00:00', false],
  ['2026-11', false],
  ['20261101', false],
  ['', false],
])('%j is a date: %s', (text, expected) => {
  expect(isDate(text)).toBe(expected);
});
