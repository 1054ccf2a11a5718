import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDate, parseTimestamp } from './timestamps.js';

const EVENING = '2026-03-03T02:25:58.000Z';

describe('parseTimestamp', () => {
  test.each([
    // RFC 3339 and ISO 8601.
    ['2026-03-02T21:25:58-05:00', EVENING],
    ['2026-03-03T02:25:58Z', EVENING],
    ['2026-03-03t02:25:58z', EVENING],
    ['2026-03-02T21:25:58-0500', EVENING],
    ['2026-03-02T21:25:58-05', EVENING],
    ['2026-03-02T20:55:58-0530', EVENING],
    ['2026-03-03T07:55:58+05:30', EVENING],
    ['2026-03-02T21:25:58\u221205:00', EVENING],
    ['2026-03-03T02:25:58-00:00', EVENING],
    ['20260302T212558-0500', EVENING],
    ['20260302T212558,0-05', EVENING],
    ['2026-03-02T21:25:58,25-05:00', '2026-03-03T02:25:58.250Z'],
    ['2026-03-02T21:25-05:00', '2026-03-03T02:25:00.000Z'],
    ['20260302T2125-05', '2026-03-03T02:25:00.000Z'],
    ['2026-03-02T24:00:00Z', '2026-03-03T00:00:00.000Z'],
    ['2026-12-31 24:00+00', '2027-01-01T00:00:00.000Z'],
    ['2026-03-02T21:25:58.123456789012-05:00', '2026-03-03T02:25:58.123Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T18:59:60.5-05', '2017-01-01T00:00:00.000Z'],
    // PostgreSQL.
    ['2026-03-02 21:25:58-05', EVENING],
    ['2026-03-03 02:25:58+00', EVENING],
    ['2026-03-03 02:25:58.000+0000', EVENING],
    ['2026-03-03 07:55:58+05:30', EVENING],
    ['1880-01-01 12:14:44+00:14:44', '1880-01-01T12:00:00.000Z'],
    ['1880-01-01 11:45:16-001444', '1880-01-01T12:00:00.000Z'],
    // Other programs.
    ['2026-03-02 21:25:58 -05:00', EVENING],
    ['2026-03-02 21:25:58 -0500', EVENING],
    ['2026-03-03 02:25:58 UTC', EVENING],
    ['2026-03-03 02:25:58 GMT', EVENING],
    // RFC 9557.
    ['2026-03-02T21:25:58-05:00[America/Bogota]', EVENING],
    ['2026-03-03T02:25:58Z[America/Bogota]', EVENING],
    ['2026-03-02T21:25:58[America/Bogota]', EVENING],
    ['2026-03-02T21:25:58[!America/Bogota][u-ca=gregory]', EVENING],
    ['2026-03-02T21:25:58-05:00[u-ca=gregory]', EVENING],
    // Local times.
    ['2026-03-03T03:25:58', EVENING],
    ['20260303T032558', EVENING],
    [' 2026-03-03  03:25:58 ', EVENING],
    ['2026-01-31 8:00', '2026-01-31T07:00:00.000Z'],
    ['2026-01-31T8:00:00-05:00', '2026-01-31T13:00:00.000Z'],
    ['2026-03-02T24:00', '2026-03-02T23:00:00.000Z'],
    ['2017-01-01T00:59:60', '2017-01-01T00:00:00.000Z'],
    // A skipped time moves forward by the gap.
    ['2025-03-30T02:30:00', '2025-03-30T01:30:00.000Z'],
  ])('reads %s in Europe/Madrid as %s', (text, at) => {
    expect(parseTimestamp(text, 'Europe/Madrid')).toEqual({ at });
  });

  test('reads both instants of a repeated time', () => {
    expect(parseTimestamp('2025-10-26T02:30:00', 'Europe/Madrid')).toEqual({
      at: '2025-10-26T00:30:00.000Z',
      secondAt: '2025-10-26T01:30:00.000Z',
    });
    expect(parseTimestamp('2025-10-26T02:30:00+01:00', 'Europe/Madrid')).toEqual({
      at: '2025-10-26T01:30:00.000Z',
    });
  });

  test.each([
    ['', 'in Excel, format'],
    ['soon', 'in Excel, format'],
    ['28/11/2026 6:00', 'in Excel, format'],
    ['10:00', 'in Excel, format'],
    ['20260302212558', 'in Excel, format'],
    ['2026-03-02T21', 'in Excel, format'],
    ['2026-03-02T21:25,5Z', 'in Excel, format'],
    ['+002026-03-02T21:25:58Z', 'in Excel, format'],
    ['2026-03-02T21:25:58-5', 'in Excel, format'],
    ['2026-03-02T21:25:58-050', 'in Excel, format'],
    ['2026-03-02T21:25:58-05:00:00.5', 'in Excel, format'],
    ['2026-03-02T21:25:58Z-05:00', 'in Excel, format'],
    ['2026-03-02', 'a date alone is no time'],
    ['20260302', 'a date alone is no time'],
    ['2026-W10-1T21:25:58Z', 'week dates'],
    ['2026W101T212558Z', 'week dates'],
    ['2026-061T21:25:58Z', 'ordinal dates'],
    ['2026061T212558', 'ordinal dates'],
    ['2026-03-02 9:25 PM', 'write the hours from 00 to 23'],
    ['2026-03-02 9:25:58 p.\u00a0m.', 'write the hours from 00 to 23'],
    ['2026-03-02 21:25:58 EST', 'the abbreviation of a zone'],
    ['2026-02-30T10:00:00', 'the calendar has no such date'],
    ['2026-13-01T10:00:00', 'the calendar has no such date'],
    ['2026-03-02T25:00', 'the calendar has no such date'],
    ['2026-03-02T24:00:01', 'the calendar has no such date'],
    ['2026-03-02T10:60', 'the calendar has no such date'],
    ['2026-03-02T10:00:61Z', 'the calendar has no such date'],
    ['2026-03-02T21:25:60Z', 'no second 60'],
    ['2026-03-02T21:25:60', 'no second 60'],
    ['2016-12-31T23:59:60', 'no second 60'],
    ['2026-03-02T21:25:58-24:00', 'there is no offset -24:00'],
    ['2026-03-02T21:25:58+05:60', 'there is no offset +05:60'],
    ['2026-03-02T21:25:58-05:00[Mars/Olympus]', '[Mars/Olympus] is no IANA time zone name'],
    ['2026-03-02T21:25:58-05:00[]', '[] is no IANA time zone name'],
    ['2026-03-02T21:25:58-04:00[America/Bogota]', 'America/Bogota does not have the offset -04:00'],
    ['2026-03-02T21:25:58Z[UTC][Europe/Madrid]', '[Europe/Madrid] is not read'],
    ['2026-03-02T21:25:58Z[!u-ca=hebrew]', '[u-ca=hebrew] is not read'],
  ])('refuses %j', (text, fault) => {
    expect(parseTimestamp(text, 'Europe/Madrid')).toEqual({
      fault: expect.stringContaining(fault) as string,
    });
  });

  test('reads an instant in every notation of its offset', () => {
    const twoDigits = (value: number) => String(value).padStart(2, '0');
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
        fc.integer({ min: -23 * 60, max: 23 * 60 }),
        (date, offsetMinutes) => {
          const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
          const size = Math.abs(offsetMinutes);
          const [sign, hours, minutes] = [offsetMinutes < 0 ? '-' : '+', Math.floor(size / 60), size % 60];
          const offsets = [
            `${twoDigits(hours)}:${twoDigits(minutes)}`,
            `${twoDigits(hours)}${twoDigits(minutes)}`,
            ...(minutes === 0 ? [twoDigits(hours)] : []),
          ];
          for (const offset of offsets) {
            const text = `${local}${sign}${offset}`;
            for (const notation of [text, text.replace('T', ' '), text.replace('.', ',')]) {
              expect(parseTimestamp(notation, 'Asia/Kolkata')).toEqual({ at: date.toISOString() });
            }
          }
        },
      ),
    );
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
