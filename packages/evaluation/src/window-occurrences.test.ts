import { Temporal } from 'temporal-polyfill';
import { describe, expect, it, vi } from 'vitest';
import { createCalendarDates } from './rule-version.js';
import { parseWindow } from './testing/index.js';
import {
  createWindowSchedule,
  findNextOccurrence,
  findOccurrenceEnd,
  getDay,
  isWholeWeek,
  listOccurrences,
} from './window-occurrences.js';

const toInstant = (local: string, timeZone: string) =>
  Temporal.ZonedDateTime.from(`${local}[${timeZone}]`).epochMilliseconds;
const format = (instant: number | undefined, timeZone: string) =>
  instant === undefined
    ? undefined
    : Temporal.Instant.fromEpochMilliseconds(instant)
        .toZonedDateTimeISO(timeZone)
        .toPlainDateTime()
        .toString()
        .slice(0, 16);

describe('listOccurrences lists', () => {
  const madrid = createWindowSchedule(
    'Europe/Madrid',
    [parseWindow('02:45-03:15'), parseWindow('22:00-06:00/05:00', ['SUNDAY'])],
    createCalendarDates([
      {
        date: '2026-03-30',
        label: null,
        windows: [{ opensAt: '10:00', closesAt: '14:00', openBy: '10:30' }],
      },
    ]),
  );
  const list = (date: string) =>
    listOccurrences(madrid, getDay(madrid, toInstant(`${date}T12:00`, 'Europe/Madrid'))).map((occurrence) =>
      [occurrence.from, occurrence.until, occurrence.openBy].map((at) => format(at, 'Europe/Madrid')),
    );

  it('the windows of a weekday, with their ends on the following day', () => {
    expect(list('2026-03-22')).toStrictEqual([
      ['2026-03-22T02:45', '2026-03-22T03:15', undefined],
      ['2026-03-22T22:00', '2026-03-23T06:00', '2026-03-23T05:00'],
    ]);
  });

  it('no window that ends before it starts, where time is skipped', () => {
    expect(list('2026-03-29')).toStrictEqual([['2026-03-29T22:00', '2026-03-30T06:00', '2026-03-30T05:00']]);
  });

  it('the windows of a date of the calendar', () => {
    expect(list('2026-03-30')).toStrictEqual([['2026-03-30T10:00', '2026-03-30T14:00', '2026-03-30T10:30']]);
  });
});

// Apia skipped Friday, 30 December 2011.
const APIA = 'Pacific/Apia';

describe('findOccurrenceEnd', () => {
  it.each([
    [
      'the latest of several',
      ['08:00-12:00', '09:00-18:00', '07:00-11:00'],
      '2011-12-20T10:00',
      '2011-12-20T18:00',
    ],
    ['at the start', ['08:00-12:00'], '2011-12-20T08:00', '2011-12-20T12:00'],
    ['none at the end', ['08:00-12:00'], '2011-12-20T12:00', undefined],
    ['none before', ['08:00-12:00'], '2011-12-20T07:59', undefined],
  ])('finds %s', (_, windows, at, expected) => {
    const schedule = createWindowSchedule(
      APIA,
      windows.map((times) => parseWindow(times)),
      null,
    );
    expect(format(findOccurrenceEnd(schedule, toInstant(at, APIA)), APIA)).toBe(expected);
  });

  it('finds the end of a window that began two dates before, where a day is skipped', () => {
    const schedule = createWindowSchedule(APIA, [parseWindow('12:00-12:00', ['THURSDAY'])], null);
    expect(format(findOccurrenceEnd(schedule, toInstant('2011-12-31T10:00', APIA)), APIA)).toBe(
      '2011-12-31T12:00',
    );
  });

  it('finds the end of a window of tomorrow, where the clock shows yesterday again', () => {
    // St. John's, 2010-11-07: 00:01 becomes 23:01 of the day before.
    const zone = 'America/St_Johns';
    const schedule = createWindowSchedule(zone, [parseWindow('00:00-05:00', ['SUNDAY'])], null);
    expect(format(findOccurrenceEnd(schedule, Date.parse('2010-11-07T03:00:00Z')), zone)).toBe(
      '2010-11-07T05:00',
    );
  });
});

describe('findNextOccurrence', () => {
  const schedule = createWindowSchedule(
    APIA,
    [parseWindow('10:00-12:00', ['FRIDAY']), parseWindow('08:00-09:00', ['SATURDAY'])],
    null,
  );
  const find = (at: string, until: string) =>
    format(findNextOccurrence(schedule, toInstant(at, APIA), toInstant(until, APIA)), APIA);

  it.each([
    ['the next start', '2011-12-19T00:00', '2011-12-31T00:00', '2011-12-23T10:00'],
    ['the start after the instant itself', '2011-12-23T10:00', '2011-12-31T00:00', '2011-12-24T08:00'],
    ['a start at the end of the search', '2011-12-19T00:00', '2011-12-23T10:00', '2011-12-23T10:00'],
    ['none after the end of the search', '2011-12-19T00:00', '2011-12-23T09:59', undefined],
    [
      'the window of a later date, if it starts earlier',
      '2011-12-29T12:00',
      '2012-01-31T00:00',
      '2011-12-31T08:00',
    ],
    ['the window of a skipped date', '2011-12-31T08:00', '2012-01-31T00:00', '2011-12-31T10:00'],
  ])('finds %s', (_, at, until, expected) => {
    expect(find(at, until)).toBe(expected);
  });

  it('goes through many windows of many days, and resolves each of them once', () => {
    // Madrid, 2026-03-29: 02:00 becomes 03:00.
    const zone = 'Europe/Madrid';
    const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
    const windows = hours.map((hour) => parseWindow(`${hour}:10-${hour}:20`)).reverse();
    const [from, until] = [toInstant('2026-03-15T00:00', zone), toInstant('2026-04-15T00:00', zone)];
    const search = createWindowSchedule(zone, windows, null);
    const resolve = vi.spyOn(search.clock, 'toInstant');
    const found: number[] = [];
    for (let at: number | undefined = from; ;) {
      at = findNextOccurrence(search, at, until);
      if (at === undefined) break;
      found.push(at);
    }
    const calls = resolve.mock.calls.length;
    resolve.mockRestore();
    expect(found).toHaveLength(31 * 24 - 1);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    // The start and the end of each window, and of a few days before and after.
    expect(calls).toBeLessThan(2 * 24 * 50);
  });
});

it.each([
  [['09:00-09:00'], undefined, true],
  [['10:00-11:00', '09:00-09:00:00'], undefined, true],
  [['09:00-08:59'], undefined, false],
  [['09:00-09:00'], ['MONDAY'] as const, false],
  [[], undefined, false],
])('isWholeWeek of %j on %j is %s', (windows, days, expected) => {
  expect(isWholeWeek(windows.map((times) => parseWindow(times, days)))).toBe(expected);
});
