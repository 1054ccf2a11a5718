import { WEEKDAYS, type CalendarWindow, type Window } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatWindows, parseActiveWindows, parseCalendarWindows, parseWindows } from './window-list.js';

const WEEK = [...WEEKDAYS];
const [MON, TUE, WED, THU, FRI, SAT, SUN] = WEEKDAYS;

/** A window of all days. */
const createWindow = (opensAt: string, closesAt: string, others: Partial<Window> = {}): Window => ({
  days: WEEK,
  opensAt,
  closesAt,
  openBy: null,
  ...others,
});

describe('parseWindows', () => {
  test.each<[string, Window[] | null]>([
    ['', null],
    ['  ', null],
    ['never', []],
    [' Never ', []],
    ['09:00-13:00', [createWindow('09:00', '13:00')]],
    ['MON-SUN 9:00 - 13:00:30', [createWindow('09:00', '13:00:30')]],
    ['MON-FRI 09:00-13:00', [createWindow('09:00', '13:00', { days: [MON, TUE, WED, THU, FRI] })]],
    ['monday, Wed 09:00\u201313:00', [createWindow('09:00', '13:00', { days: [MON, WED] })]],
    ['SUN|SAT 22:00-06:00', [createWindow('22:00', '06:00', { days: [SAT, SUN] })]],
    ['FRI - MON 22:00-06:00', [createWindow('22:00', '06:00', { days: [MON, FRI, SAT, SUN] })]],
    ['tues-thurs, sat 22:00-06:00', [createWindow('22:00', '06:00', { days: [TUE, WED, THU, SAT] })]],
    ['NONE 22:00-06:00', [createWindow('22:00', '06:00', { days: [] })]],
    ['SAT 00:00-00:00 open by 8:00', [createWindow('00:00', '00:00', { days: [SAT], openBy: '08:00' })]],
    [
      'MON 09:00-13:00; MON 16:00-20:00 OPEN BY 16:30;',
      [
        createWindow('09:00', '13:00', { days: [MON] }),
        createWindow('16:00', '20:00', { days: [MON], openBy: '16:30' }),
      ],
    ],
    [
      'SAT 09:00-13:00\nSUN 10:00-12:00',
      [createWindow('09:00', '13:00', { days: [SAT] }), createWindow('10:00', '12:00', { days: [SUN] })],
    ],
  ])('reads "%s"', (text, windows) => {
    expect(parseWindows(text)).toEqual({ value: windows });
  });

  test.each([
    ['9-13', '"9" is not a time like 08:00 or 18:30.'],
    ['MON 09:00', '"MON 09:00" is not a window like MON-FRI 09:00-13:00 or'],
    ['MON-FRI', '"MON-FRI" is not a window like'],
    [';', '"" is not a window like'],
    ['09:00-13:00 open', '"09:00-13:00 open" is not a window like'],
    ['09:00-13:00 open by', '"" is not a time like'],
    ['09:00-13:00 open by 9:30 open by 9:40', 'is not a window like'],
    ['9:00 AM-1:00 PM', '"9:00 AM-1:00 PM" is not a window like'],
    ['09:00-24:00', '"24:00" is not a time: write 00:00 for midnight.'],
    ['09:00-13:60', '"13:60" is not a time like 08:00 or 18:30.'],
    ['09.00-13.00', '"09.00" is not a time like'],
    ['FUN 09:00-13:00', '"FUN" is not a day like MON, or a range of days like MON-FRI.'],
    ['MO-FR 09:00-13:00', '"MO-FR" is not a day like MON'],
    ['MON-WED-FRI 09:00-13:00', '"MON-WED-FRI" is not a day like MON'],
    ['MON, 09:00-13:00', '"" is not a day like MON'],
    ['NONE,MON 09:00-13:00', '"NONE" is not a day like MON'],
    ['MON 09:00-13:00;; TUE 09:00-13:00', 'Window 2 of 3 (""): "" is not a window like'],
    ['MON 09:00-13:00; TUE 9h-13h', 'Window 2 of 2 ("TUE 9h-13h"): "TUE 9h-13h" is not a window like'],
    ['MON 09:00-13:00; never', 'Window 2 of 2 ("never"): "never" is not a window like'],
  ])('refuses "%s"', (text, message) => {
    expect(parseWindows(text)).toMatchObject({
      fault: { code: 'INVALID', message: expect.stringContaining(message) as unknown },
    });
  });

  test('refuses a day that a window names twice', () => {
    expect(parseWindows('MON-FRI,WED 09:00-13:00')).toEqual({
      fault: { code: 'REPEATED', message: '"MON-FRI,WED" repeats WEDNESDAY: name each day once.' },
    });
  });
});

test('active windows have no "open by"', () => {
  expect(parseActiveWindows('MON 22:00-06:00')).toEqual({
    value: [{ days: [MON], opensAt: '22:00', closesAt: '06:00' }],
  });
  expect(parseActiveWindows('never')).toEqual({ value: [] });
  expect(parseActiveWindows('')).toEqual({ value: null });
  expect(parseActiveWindows('22:00-06:00 open by 23:00')).toMatchObject({
    fault: {
      message:
        '"22:00-06:00 open by 23:00" must not have "open by": write a window like MON-FRI 22:00-06:00.',
    },
  });
});

test('windows of a date have no days', () => {
  expect(parseCalendarWindows('10:00-14:00 open by 10:30; 16:00-18:00')).toEqual({
    value: [
      { opensAt: '10:00', closesAt: '14:00', openBy: '10:30' },
      { opensAt: '16:00', closesAt: '18:00', openBy: null },
    ],
  });
  expect(parseCalendarWindows('MON 10:00-14:00')).toMatchObject({
    fault: {
      message:
        '"MON 10:00-14:00" must not name days: write a window like 10:00-14:00 or 10:00-14:00 open by 10:30.',
    },
  });
});

test.each([
  [[MON, TUE, WED, THU, FRI], 'MON-FRI'],
  [[SAT, SUN], 'SAT,SUN'],
  [[SUN, MON, WED, THU, FRI], 'MON,WED-FRI,SUN'],
  [WEEK, 'MON-SUN'],
  [[], 'NONE'],
])('formats the days %j as %s', (days, text) => {
  expect(formatWindows([{ days, opensAt: '09:00', closesAt: '13:00' }])).toBe(`${text} 09:00-13:00`);
});

describe('a formatted list is parsed to the same windows', () => {
  const time = fc
    .tuple(fc.nat(23), fc.nat(59), fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(59)))
    .map(([hour, minute, second]) => {
      const parts = second === 0 ? [hour, minute] : [hour, minute, second];
      return parts.map((part) => String(part).padStart(2, '0')).join(':');
    });
  const calendarWindow: fc.Arbitrary<CalendarWindow> = fc.record({
    opensAt: time,
    closesAt: time,
    openBy: fc.option(time),
  });
  const days = fc.subarray(WEEK);
  const listOf = <Value>(window: fc.Arbitrary<Value>) => fc.option(fc.array(window, { maxLength: 50 }));

  test('of rules', () => {
    const windows = listOf(fc.tuple(days, calendarWindow).map(([days, window]) => ({ days, ...window })));
    fc.assert(
      fc.property(windows, (value) => {
        expect(parseWindows(formatWindows(value))).toEqual({ value });
      }),
    );
  });

  test('of active windows', () => {
    const windows = listOf(fc.record({ days, opensAt: time, closesAt: time }));
    fc.assert(
      fc.property(windows, (value) => {
        expect(parseActiveWindows(formatWindows(value))).toEqual({ value });
      }),
    );
  });

  test('of dates of a calendar', () => {
    fc.assert(
      fc.property(listOf(calendarWindow), (value) => {
        expect(parseCalendarWindows(formatWindows(value))).toEqual({ value });
      }),
    );
  });
});
