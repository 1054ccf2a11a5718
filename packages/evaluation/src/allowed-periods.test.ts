import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { createAllowedPeriods, findFirstForbidden, type AllowedHours } from './allowed-periods.js';
import { parseWindow } from './testing/index.js';

const DAY_MS = 86_400_000;
const WEEK: readonly Weekday[] = WEEKDAYS;
const WORKDAYS = WEEK.slice(0, 5);

function findForbiddenInstant(hours: AllowedHours, from: number): number {
  const allowed = createAllowedPeriods(hours, []);
  return allowed ? findFirstForbidden(allowed, from, from + 30 * DAY_MS) : Infinity;
}

/** @returns the first forbidden instant as wall-clock time, with the offset if `from` has one */
function findForbidden(hours: string, days: readonly Weekday[], from: string, timeZone = 'Europe/Madrid') {
  const windows = hours === '' ? null : hours.split(' ').map((times) => parseWindow(times, days));
  const withOffset = /[+-]\d\d:\d\d$/.test(from);
  const at = Temporal.ZonedDateTime.from(`${from}[${timeZone}]`).epochMilliseconds;
  const found = findForbiddenInstant({ windows, calendar: null, timeZone }, at);
  if (found === Infinity) return 'never';
  return Temporal.Instant.fromEpochMilliseconds(found)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' })
    .slice(0, withOffset ? undefined : -6);
}

// 2026-01-05 is a Monday.
describe('findFirstForbidden', () => {
  it.each<[string, string, readonly Weekday[], string, string]>([
    ['no hours', '', [], '2026-01-05T12:00:00', 'never'],
    ['no days', '08:00-18:00', [], '2026-01-05T12:00:00', '2026-01-05T12:00:00'],
    ['inside of hours', '08:00-18:00', WEEK, '2026-01-05T12:00:00', '2026-01-05T18:00:00'],
    ['the start of a window is allowed', '08:00-18:00', WEEK, '2026-01-05T08:00:00', '2026-01-05T18:00:00'],
    [
      'a second before the start is forbidden',
      '08:00-18:00',
      WEEK,
      '2026-01-05T07:59:59',
      '2026-01-05T07:59:59',
    ],
    ['the end of a window is forbidden', '08:00-18:00', WEEK, '2026-01-05T18:00:00', '2026-01-05T18:00:00'],
    ['with seconds', '08:00:30-18:00:15', WEEK, '2026-01-05T08:00:30', '2026-01-05T18:00:15'],
    ['a day without a window', '08:00-18:00', WORKDAYS, '2026-01-10T12:00:00', '2026-01-10T12:00:00'],
    ['Monday night allows Tuesday', '22:00-06:00', ['MONDAY'], '2026-01-06T05:00:00', '2026-01-06T06:00:00'],
    [
      'Monday night does not allow Monday morning',
      '22:00-06:00',
      ['MONDAY'],
      '2026-01-05T05:00:00',
      '2026-01-05T05:00:00',
    ],
    [
      'Monday night does not allow Tuesday night',
      '22:00-06:00',
      ['MONDAY'],
      '2026-01-06T22:00:00',
      '2026-01-06T22:00:00',
    ],
    ['Sunday night allows Monday', '22:00-06:00', ['SUNDAY'], '2026-01-05T05:00:00', '2026-01-05T06:00:00'],
    ['from midnight', '00:00-06:00', WEEK, '2026-01-05T00:00:00', '2026-01-05T06:00:00'],
    ['to midnight', '22:00-00:00', WEEK, '2026-01-05T23:00:00', '2026-01-06T00:00:00'],
    ['a whole day', '09:00-09:00', ['MONDAY'], '2026-01-06T08:59:59', '2026-01-06T09:00:00'],
    ['whole days that touch', '09:00-09:00', WORKDAYS, '2026-01-05T12:00:00', '2026-01-10T09:00:00'],
    ['whole days on all seven days', '09:00-09:00', WEEK, '2026-01-05T12:00:00', 'never'],
    ['whole days, with and without seconds', '09:00-09:00:00', WEEK, '2026-01-05T12:00:00', 'never'],
    ['all but a second', '09:00-08:59:59', WEEK, '2026-01-05T12:00:00', '2026-01-06T08:59:59'],
  ])('%s', (_, hours, days, from, expected) => {
    expect(findForbidden(hours, days, from)).toBe(expected);
  });

  it.each<[string, string, string, string, string]>([
    // Europe/Madrid, 2026-03-29: 02:00 becomes 03:00.
    ['a skipped end', '22:00-02:30', '2026-03-28T23:00:00', '2026-03-29T03:30:00', 'Europe/Madrid'],
    ['a skipped start', '02:30-05:00', '2026-03-29T03:00:00', '2026-03-29T03:00:00', 'Europe/Madrid'],
    [
      'inside a window whose start is skipped',
      '02:30-05:00',
      '2026-03-29T03:30:00',
      '2026-03-29T05:00:00',
      'Europe/Madrid',
    ],
    ['both ends skipped', '02:10-02:40', '2026-03-29T03:10:00', '2026-03-29T03:40:00', 'Europe/Madrid'],
    ['an end before its start', '02:45-03:15', '2026-03-29T03:20', '2026-03-29T03:20:00', 'Europe/Madrid'],
    [
      'a skipped break between windows',
      '03:00-02:00',
      '2026-03-28T12:00:00',
      '2026-03-30T02:00:00',
      'Europe/Madrid',
    ],
    // Europe/Madrid, 2026-10-25: 03:00 becomes 02:00.
    [
      'a repeated end: the first occurrence',
      '22:00-02:30',
      '2026-10-24T23:00:00+02:00',
      '2026-10-25T02:30:00+02:00',
      'Europe/Madrid',
    ],
    [
      'a repeated end: closed at the second occurrence',
      '22:00-02:30',
      '2026-10-25T02:10:00+01:00',
      '2026-10-25T02:10:00+01:00',
      'Europe/Madrid',
    ],
    [
      'a repeated start: the first occurrence',
      '02:30-05:00',
      '2026-10-25T02:45:00+02:00',
      '2026-10-25T05:00:00+01:00',
      'Europe/Madrid',
    ],
    // At the second occurrence the clock shows a time before the start, but the window has started.
    [
      'inside a window, while the clock shows an earlier time',
      '02:30-05:00',
      '2026-10-25T02:10:00+01:00',
      '2026-10-25T05:00:00+01:00',
      'Europe/Madrid',
    ],
    // Half an hour.
    ['Lord Howe', '22:00-02:15', '2026-10-03T23:00:00', '2026-10-04T02:45:00', 'Australia/Lord_Howe'],
    // Two hours.
    ['Troll', '22:00-01:30', '2026-03-28T23:00:00', '2026-03-29T03:30:00', 'Antarctica/Troll'],
    // St. John's, 2010-11-07: 00:01 becomes 23:01 of the day before.
    [
      'inside a window, while the clock shows the day before',
      '00:00-05:00',
      '2010-11-06T23:30:00-03:30',
      '2010-11-07T05:00:00-03:30',
      'America/St_Johns',
    ],
    // Apia skipped 30 December 2011, a Friday: the windows of that day are a day later.
    ['a skipped day', '08:00-18:00', '2011-12-31T09:00:00', '2011-12-31T18:00:00', 'Pacific/Apia'],
    ['an end on a skipped day', '22:00-06:00', '2011-12-29T23:00', '2011-12-31T06:00:00', 'Pacific/Apia'],
  ])('with a clock change: %s', (_, hours, from, expected, timeZone) => {
    expect(findForbidden(hours, WEEK, from, timeZone)).toBe(expected);
  });

  it('shifts the windows of a skipped day, also if only that weekday is allowed', () => {
    expect(findForbidden('08:00-18:00', ['FRIDAY'], '2011-12-31T09:00', 'Pacific/Apia')).toBe(
      '2011-12-31T18:00:00',
    );
    expect(findForbidden('08:00-18:00', ['SATURDAY'], '2011-12-31T09:00', 'Pacific/Apia')).toBe(
      '2011-12-31T18:00:00',
    );
    expect(findForbidden('08:00-18:00', ['SUNDAY'], '2011-12-31T09:00', 'Pacific/Apia')).toBe(
      '2011-12-31T09:00:00',
    );
  });
});
