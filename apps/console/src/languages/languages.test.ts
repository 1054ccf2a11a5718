import { describe, expect, test } from 'vitest';
import { detectLanguage, getFormatLocale } from './language';
import { formatAge, formatDuration, formatInstant, formatShare, getZoneCity, hasOtherClock } from './times';

test.each([
  ['the chosen one', 'es', ['en-GB'], 'es'],
  ['the first of the browser that exists', null, ['de-DE', 'es-CO', 'en'], 'es'],
  ['English otherwise', null, ['de-DE'], 'en'],
  ['not an unknown choice', 'xx', ['es'], 'es'],
])('the language is %s', (_, chosen, preferred, expected) => {
  expect(detectLanguage(chosen, preferred)).toBe(expected);
});

test('numbers and dates follow the region of the browser', () => {
  expect(getFormatLocale('es', ['en-GB', 'es-CO'])).toBe('es-CO');
  expect(getFormatLocale('es', ['en-GB'])).toBe('es');
});

describe('times', () => {
  const NOW = Date.parse('2026-11-30T12:00:00Z');

  test('of today have no date, others have one, and both are those of the named zone', () => {
    expect(formatInstant('2026-11-30T09:05:00Z', 'es', NOW, 'UTC')).toBe('09:05');
    expect(formatInstant('2026-11-28T09:05:00Z', 'es', NOW, 'UTC')).toBe('28 nov, 09:05');
    expect(formatInstant('2026-11-30T09:05:00Z', 'es', NOW, 'America/Bogota')).toBe('04:05');
  });

  test('tell whether the clocks of a zone differ', () => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(hasOtherClock('2026-11-30T09:05:00Z', timeZone)).toBe(false);
    expect(hasOtherClock('2026-11-30T09:05:00Z', 'Pacific/Kiritimati')).toBe(true);
    expect(getZoneCity('America/Argentina/Buenos_Aires')).toBe('Buenos Aires');
  });

  test('have their greatest unit', () => {
    expect(formatDuration(59_999, 'es')).toBe('59 s');
    expect(formatDuration(90 * 60_000, 'es')).toBe('1 h');
    expect(formatDuration(-1, 'es')).toBe('0 s');
    expect(formatAge('2026-11-30T11:58:00Z', 'es', NOW)).toBe('hace 2 min');
  });
});

test('a share is never rounded up to all of it', () => {
  expect(formatShare(0.999999, 'en')).toBe('99.99%');
  expect(formatShare(1, 'en')).toBe('100%');
});
