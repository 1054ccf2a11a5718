import { formatInstant } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeInstant, normalizeLocalTime, normalizeTimeZone } from './input-check.js';

describe('normalizeInstant', () => {
  it.each([
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31t08:00:00z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T08:00:00-05:00', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31T08:00:00.123987654+02:00', '2026-01-31T06:00:00.123Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => {
    expect(normalizeInstant(text)).toBe(expected);
  });

  it.each([
    '2026-01-31T08:00:00',
    '2026-01-31',
    '2026-02-30T08:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T08:00Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-01-31T08:00:00Z[Europe/Madrid]',
    'tomorrow',
    '',
  ])('refuses %j', (text) => {
    expect(normalizeInstant(text)).toBeUndefined();
  });

  it('reads every instant that formatInstant writes', () => {
    const range = { min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') };
    fc.assert(
      fc.property(fc.date({ ...range, noInvalidDate: true }), (date) => {
        const text = formatInstant(date.getTime());
        expect(normalizeInstant(text)).toBe(text);
      }),
    );
  });
});

describe('normalizeLocalTime', () => {
  it.each([
    ['08:00', '08:00'],
    ['23:59:59', '23:59:59'],
    ['08:30:00', '08:30'],
  ])('reads %s', (text, expected) => {
    expect(normalizeLocalTime(text)).toBe(expected);
  });

  it.each(['24:00', '8:00', '08:60', '08:00:60', '08:00:00.5', ' 08:00', '08:00Z', ''])(
    'refuses %j',
    (text) => {
      expect(normalizeLocalTime(text)).toBeUndefined();
    },
  );
});

describe('normalizeTimeZone', () => {
  it('reads every zone name of this Node in any letter case', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      expect(normalizeTimeZone(zone)).toBe(zone);
      expect(normalizeTimeZone(zone.toLowerCase())).toBe(zone);
    }
  });

  it.each(['+05:00', 'Mars/Olympus', '', 'Europe/Madrid ', '2026-01-01T00:00[Europe/Madrid]', 'Europe'])(
    'refuses %j',
    (text) => {
      expect(normalizeTimeZone(text)).toBeUndefined();
    },
  );
});
