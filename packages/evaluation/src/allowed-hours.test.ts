import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { findFirstForbiddenInstant } from './allowed-hours.js';

const WEEK: readonly Weekday[] = WEEKDAYS;
const WORKDAYS = WEEK.slice(0, 5);

/** @returns the instant as the rule's clocks show it; for one that is shown twice, with the offset */
function forbidden(hours: string, days: readonly Weekday[], from: string, timeZone = 'Europe/Madrid') {
  const [opensAt = null, closesAt = null] = hours === '' ? [] : hours.split('-');
  const withOffset = /[+-]\d\d:\d\d$/.test(from);
  const at = Temporal.ZonedDateTime.from(`${from}[${timeZone}]`).epochMilliseconds;
  const found = findFirstForbiddenInstant({ opensAt, closesAt, days, timeZone }, at);
  if (found === undefined) return 'never';
  return Temporal.Instant.fromEpochMilliseconds(found)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' })
    .slice(0, withOffset ? undefined : -6);
}

// 2026-01-05 is a Monday.
describe('the first forbidden instant', () => {
  it.each<[string, string, readonly Weekday[], string, string]>([
    ['no hours', '', [], '2026-01-05T12:00:00', 'never'],
    ['no days', '08:00-18:00', [], '2026-01-05T12:00:00', '2026-01-05T12:00:00'],
    ['inside of hours', '08:00-18:00', WEEK, '2026-01-05T12:00:00', '2026-01-05T18:00:00'],
    ['the first instant is allowed', '08:00-18:00', WEEK, '2026-01-05T08:00:00', '2026-01-05T18:00:00'],
    ['a second before it is not', '08:00-18:00', WEEK, '2026-01-05T07:59:59', '2026-01-05T07:59:59'],
    ['nor is the last instant', '08:00-18:00', WEEK, '2026-01-05T18:00:00', '2026-01-05T18:00:00'],
    ['with seconds', '08:00:30-18:00:15', WEEK, '2026-01-05T08:00:30', '2026-01-05T18:00:15'],
    ['another day', '08:00-18:00', WORKDAYS, '2026-01-10T12:00:00', '2026-01-10T12:00:00'],
    ['Monday night allows Tuesday', '22:00-06:00', ['MONDAY'], '2026-01-06T05:00:00', '2026-01-06T06:00:00'],
    [
      'Monday night, not Monday morning',
      '22:00-06:00',
      ['MONDAY'],
      '2026-01-05T05:00:00',
      '2026-01-05T05:00:00',
    ],
    ['nor Tuesday night', '22:00-06:00', ['MONDAY'], '2026-01-06T22:00:00', '2026-01-06T22:00:00'],
    ['Sunday night allows Monday', '22:00-06:00', ['SUNDAY'], '2026-01-05T05:00:00', '2026-01-05T06:00:00'],
    ['from midnight', '00:00-06:00', WEEK, '2026-01-05T00:00:00', '2026-01-05T06:00:00'],
    ['to midnight', '22:00-00:00', WEEK, '2026-01-05T23:00:00', '2026-01-06T00:00:00'],
    ['a whole day', '09:00-09:00', ['MONDAY'], '2026-01-06T08:59:59', '2026-01-06T09:00:00'],
    ['whole days that touch', '09:00-09:00', WORKDAYS, '2026-01-05T12:00:00', '2026-01-10T09:00:00'],
    ['whole days for ever', '09:00-09:00', WEEK, '2026-01-05T12:00:00', 'never'],
    ['whole days, written otherwise', '09:00-09:00:00', WEEK, '2026-01-05T12:00:00', 'never'],
    ['all but a second', '09:00-08:59:59', WEEK, '2026-01-05T12:00:00', '2026-01-06T08:59:59'],
  ])('%s', (_, hours, days, from, expected) => {
    expect(forbidden(hours, days, from)).toBe(expected);
  });

  it.each<[string, string, string, string, string]>([
    // Europe/Madrid, 2026-03-29: 02:00 becomes 03:00.
    ['an end that is skipped', '22:00-02:30', '2026-03-28T23:00:00', '2026-03-29T03:30:00', 'Europe/Madrid'],
    ['a start that is skipped', '02:30-05:00', '2026-03-29T03:00:00', '2026-03-29T03:00:00', 'Europe/Madrid'],
    [
      'a start that comes later',
      '02:30-05:00',
      '2026-03-29T03:30:00',
      '2026-03-29T05:00:00',
      'Europe/Madrid',
    ],
    ['both skipped', '02:10-02:40', '2026-03-29T03:10:00', '2026-03-29T03:40:00', 'Europe/Madrid'],
    [
      'an end that comes before its start',
      '02:45-03:15',
      '2026-03-29T03:20',
      '2026-03-29T03:20:00',
      'Europe/Madrid',
    ],
    ['a break that is skipped', '03:00-02:00', '2026-03-28T12:00:00', '2026-03-30T02:00:00', 'Europe/Madrid'],
    // Europe/Madrid, 2026-10-25: 03:00 becomes 02:00.
    [
      'an end that is repeated: the first',
      '22:00-02:30',
      '2026-10-24T23:00:00+02:00',
      '2026-10-25T02:30:00+02:00',
      'Europe/Madrid',
    ],
    [
      'the second time it is over',
      '22:00-02:30',
      '2026-10-25T02:10:00+01:00',
      '2026-10-25T02:10:00+01:00',
      'Europe/Madrid',
    ],
    [
      'a start that is repeated: the first',
      '02:30-05:00',
      '2026-10-25T02:45:00+02:00',
      '2026-10-25T05:00:00+01:00',
      'Europe/Madrid',
    ],
    // The second time the clocks show what is before the start, when the window has begun all the same.
    [
      'inside, though the clocks show an earlier time',
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
      'inside, though the clocks show the day before',
      '00:00-05:00',
      '2010-11-06T23:30:00-03:30',
      '2010-11-07T05:00:00-03:30',
      'America/St_Johns',
    ],
    // Apia had no 30 December 2011: what is of that Friday comes a day later.
    ['a day that is skipped', '08:00-18:00', '2011-12-31T09:00:00', '2011-12-31T18:00:00', 'Pacific/Apia'],
    [
      'an end on the day that is skipped',
      '22:00-06:00',
      '2011-12-29T23:00',
      '2011-12-31T06:00:00',
      'Pacific/Apia',
    ],
  ])('where clocks are moved: %s', (_, hours, from, expected, timeZone) => {
    expect(forbidden(hours, WEEK, from, timeZone)).toBe(expected);
  });

  it('of a skipped day, also where only that weekday is allowed', () => {
    expect(forbidden('08:00-18:00', ['FRIDAY'], '2011-12-31T09:00', 'Pacific/Apia')).toBe(
      '2011-12-31T18:00:00',
    );
    expect(forbidden('08:00-18:00', ['SATURDAY'], '2011-12-31T09:00', 'Pacific/Apia')).toBe(
      '2011-12-31T18:00:00',
    );
    expect(forbidden('08:00-18:00', ['SUNDAY'], '2011-12-31T09:00', 'Pacific/Apia')).toBe(
      '2011-12-31T09:00:00',
    );
  });
});
