import { WEEKDAYS, type AlarmKind, type Weekday } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { describeAlarm, describeAlarmRetraction, describeWeekdays } from './alarm-description.js';
import { findAlarmsOfInterval } from './due-alarms.js';
import { NO_EXCEPTIONS, type ExceptionPeriods } from './periods.js';
import { createCalendarDates, type RuleVersion } from './rule-version.js';
import { createRuleVersion, parseWindow } from './testing/index.js';

const timer: RuleVersion = createRuleVersion({ timeZone: 'Europe/Madrid', maxOpenSeconds: 300 });
const WORKDAYS = WEEKDAYS.slice(0, 5);
const createHours = (times: string, days: readonly Weekday[] = WORKDAYS): RuleVersion => ({
  ...timer,
  maxOpenSeconds: null,
  windows: [parseWindow(times, days)],
});
const hours = createHours('10:00-18:30');
const instant = (text: string) => Date.parse(`${text}+01:00`);

/** Describes the first alarm of an opening at an instant. */
function describeDue(version: RuleVersion, start: string, exceptions: ExceptionPeriods = NO_EXCEPTIONS) {
  const rule = { versions: [version], exceptions };
  const interval = { startId: 'r1', startedAt: instant(start), endedAt: null };
  const [due] = findAlarmsOfInterval(rule, 'OPEN', interval, instant('2026-01-20T00:00:00')).alarms;
  return due && describeAlarm(rule, due, interval);
}

// 2026-01-05 is a Monday.
it.each<[string, RuleVersion, string, string]>([
  [
    'after hours',
    hours,
    '2026-01-05T18:42:10',
    'open since 18:42:10, allowed until 18:30 on weekdays, Europe/Madrid',
  ],
  [
    'open until after hours',
    hours,
    '2026-01-05T18:12:10',
    'open since 18:12:10, allowed until 18:30 on weekdays, Europe/Madrid',
  ],
  [
    'open until after hours, which end at a second',
    createHours('10:00-18:30:30'),
    '2026-01-05T18:12:10',
    'open since 18:12:10, allowed until 18:30:30 on weekdays, Europe/Madrid',
  ],
  [
    'a whole day',
    createHours('08:00-08:00', ['MONDAY']),
    '2026-01-05T07:00:00',
    'open since 07:00:00, allowed from 08:00 on Mondays to 08:00 the next day, Europe/Madrid',
  ],
  [
    'before hours',
    hours,
    '2026-01-05T07:00:00',
    'open since 07:00:00, allowed from 10:00 until 18:30 on weekdays, Europe/Madrid',
  ],
  [
    'on another day',
    hours,
    '2026-01-10T20:00:00',
    'open since 20:00:00, allowed from 10:00 until 18:30 on weekdays, Europe/Madrid',
  ],
  [
    'no allowed day',
    createHours('10:00-18:30', []),
    '2026-01-05T12:00:00',
    'open since 12:00:00, never allowed, Europe/Madrid',
  ],
  [
    'hours past midnight',
    createHours('22:00-02:00', ['SATURDAY', 'MONDAY', 'FRIDAY']),
    '2026-01-05T23:30:00',
    'open since 2026-01-05 23:30:00, allowed from 22:00 on Mondays, Fridays and Saturdays to 02:00 the next day, Europe/Madrid',
  ],
  ['open too long', timer, '2026-01-05T18:42:10', 'open for more than 300 s, since 18:42:10, Europe/Madrid'],
  [
    'open too long, past midnight',
    timer,
    '2026-01-05T23:59:00',
    'open for more than 300 s, since 2026-01-05 23:59:00, Europe/Madrid',
  ],
  [
    'open too long at the start of the rule',
    { ...timer, from: instant('2026-01-05T18:50:00') },
    '2026-01-05T18:42:10',
    'open for more than 300 s, since 18:42:10, rule in force from 18:50:00, Europe/Madrid',
  ],
  [
    'outside hours after the start of the rule',
    { ...hours, from: instant('2026-01-05T12:00:00') },
    '2026-01-05T09:00:00',
    'open since 09:00:00, allowed until 18:30 on weekdays, Europe/Madrid',
  ],
  [
    'opened at the start of the rule',
    { ...hours, from: instant('2026-01-05T18:42:10') },
    '2026-01-05T18:42:10',
    'open since 18:42:10, allowed until 18:30 on weekdays, Europe/Madrid',
  ],
  [
    'outside hours at the start of the rule',
    { ...createHours('10:00-18:30', ['TUESDAY']), from: instant('2026-01-06T07:00:00') },
    '2026-01-05T18:42:10',
    'open since 2026-01-05 18:42:10, allowed from 10:00 until 18:30 on Tuesdays, rule in force from 07:00:00, Europe/Madrid',
  ],
])('describeAlarm: %s', (_, version, start, expected) => {
  expect(describeDue(version, start)).toBe(expected);
});

it.each<[readonly Weekday[], string]>([
  [WEEKDAYS, 'every day'],
  [WEEKDAYS.toReversed(), 'every day'],
  [WEEKDAYS.slice(0, 5), 'on weekdays'],
  [['SUNDAY', 'SATURDAY'], 'on weekends'],
  [['FRIDAY'], 'on Fridays'],
  [['FRIDAY', 'MONDAY'], 'on Mondays and Fridays'],
  [['FRIDAY', 'SUNDAY', 'MONDAY'], 'on Mondays, Fridays and Sundays'],
])('describeWeekdays describes %j as "%s"', (days, expected) => {
  expect(describeWeekdays(days)).toBe(expected);
});

describe('describeAlarm of a rule with several windows or a calendar', () => {
  const SHOP = [parseWindow('16:00-20:00', WORKDAYS), parseWindow('09:00-13:00', WORKDAYS)];
  const shop = createRuleVersion({ timeZone: 'Europe/Madrid', windows: SHOP });
  const MANY = Array.from({ length: 7 }, (_, hour) => parseWindow(`0${hour}:00-0${hour}:30`));
  const dates = createCalendarDates([
    { date: '2026-01-05', label: 'Stock-taking', windows: [] },
    { date: '2026-01-06', label: null, windows: [] },
    { date: '2026-01-07', label: 'Sale', windows: SHOP },
  ]);
  const withCalendar = { ...shop, calendar: dates };

  it.each<[string, RuleVersion, string, string]>([
    [
      'names the windows of the day',
      shop,
      '2026-01-05T14:00:00',
      'open since 14:00:00, allowed from 09:00 until 13:00 and from 16:00 until 20:00 on Mondays, Europe/Madrid',
    ],
    [
      'a day without windows',
      shop,
      '2026-01-10T14:00:00',
      'open since 14:00:00, not allowed on Saturdays, Europe/Madrid',
    ],
    [
      'an empty list',
      { ...shop, windows: [] },
      '2026-01-05T14:00:00',
      'open since 14:00:00, never allowed, Europe/Madrid',
    ],
    [
      'many windows',
      { ...shop, windows: MANY },
      '2026-01-05T14:00:00',
      'open since 14:00:00, allowed from 00:00 until 00:30, from 01:00 until 01:30, from 02:00 until 02:30, from 03:00 until 03:30, from 04:00 until 04:30 and 2 more times on Mondays, Europe/Madrid',
    ],
    [
      'a window past midnight',
      { ...shop, windows: [...SHOP, parseWindow('22:00-02:00')] },
      '2026-01-10T14:00:00',
      'open since 14:00:00, allowed from 22:00 until 02:00 the next day on Saturdays, Europe/Madrid',
    ],
    [
      'a date with a label',
      withCalendar,
      '2026-01-05T10:00:00',
      'open since 10:00:00, not allowed on 2026-01-05 (Stock-taking), Europe/Madrid',
    ],
    [
      'a date without a label',
      withCalendar,
      '2026-01-06T10:00:00',
      'open since 10:00:00, not allowed on 2026-01-06, Europe/Madrid',
    ],
    [
      'a date with windows',
      withCalendar,
      '2026-01-07T21:00:00',
      'open since 21:00:00, allowed from 09:00 until 13:00 and from 16:00 until 20:00 on 2026-01-07 (Sale), Europe/Madrid',
    ],
    [
      'another date',
      withCalendar,
      '2026-01-08T14:00:00',
      'open since 14:00:00, allowed from 09:00 until 13:00 and from 16:00 until 20:00 on Thursdays, Europe/Madrid',
    ],
    [
      'a grace',
      { ...createHours('10:00-18:30'), graceSeconds: 120 },
      '2026-01-05T18:00:00',
      'open since 18:00:00, allowed until 18:30 on weekdays, grace of 120 s over, Europe/Madrid',
    ],
    [
      'a grace that begins with the rule',
      { ...createHours('10:00-18:30'), graceSeconds: 120, from: instant('2026-01-05T19:00:00') },
      '2026-01-05T18:00:00',
      'open since 18:00:00, allowed until 18:30 on weekdays, grace of 120 s over, rule in force from 19:00:00, Europe/Madrid',
    ],
    [
      'an active window',
      { ...timer, activeWindows: [parseWindow('20:00-06:00')] },
      '2026-01-05T18:00:00',
      'open for more than 300 s, since 18:00:00, rule in force from 20:00:00, Europe/Madrid',
    ],
  ])('%s', (_, version, start, expected) => {
    expect(describeDue(version, start)).toBe(expected);
  });

  it('says that a SUSPEND has ended', () => {
    const suspended = { from: instant('2026-01-05T18:00:00'), until: instant('2026-01-06T02:00:00') };
    const text = describeDue(timer, '2026-01-05T19:00:00', { allow: [], suspend: [suspended] });
    expect(text).toBe(
      'open for more than 300 s, since 2026-01-05 19:00:00, suspended until 02:00:00, Europe/Madrid',
    );
  });
});

describe('describeAlarm of the other kinds', () => {
  const version = createRuleVersion({
    timeZone: 'Europe/Madrid',
    from: instant('2026-01-05T08:00:00'),
    silentAfterSeconds: 3_600,
    onTamper: true,
    onBatteryLow: true,
  });
  const at = instant('2026-01-05T09:30:00');

  it.each<[AlarmKind, number, number | undefined, string]>([
    ['TAMPERED', at, version.from, 'sensor tampered with since 09:30:00, Europe/Madrid'],
    ['BATTERY_LOW', at, version.from, 'battery low since 09:30:00, Europe/Madrid'],
    [
      'SILENT',
      instant('2026-01-05T08:30:00'),
      version.from,
      'no reading for more than 3600 s, since 08:30:00, Europe/Madrid',
    ],
    [
      'SILENT',
      instant('2026-01-04T08:30:00'),
      instant('2026-01-05T08:30:00'),
      'no reading for more than 3600 s, since 2026-01-04 08:30:00, rule in force from 08:30:00, Europe/Madrid',
    ],
    [
      'SILENT',
      -Infinity,
      instant('2026-01-05T08:30:00'),
      'no reading for more than 3600 s, no reading before, rule in force from 08:30:00, Europe/Madrid',
    ],
    [
      'NOT_OPENED',
      instant('2026-01-05T09:00:00'),
      undefined,
      'not opened from 09:00:00 to 09:30:00, Europe/Madrid',
    ],
  ])('%s', (kind, startedAt, inForceFrom, expected) => {
    const due = { kind, at, versionIndex: 0, ...(inForceFrom !== undefined && { inForceFrom }) };
    expect(describeAlarm({ versions: [version], exceptions: NO_EXCEPTIONS }, due, { startedAt })).toBe(
      expected,
    );
  });
});

describe('describeAlarmRetraction', () => {
  const ENDED = '2026-01-05T18:42:10';

  it.each<[AlarmKind, string | undefined, string]>([
    ['OUTSIDE_HOURS', undefined, 'not opened then'],
    ['OUTSIDE_HOURS', ENDED, 'closed at 18:42:10 already'],
    ['OPEN_TOO_LONG', '2026-01-04T18:42:10', 'closed at 2026-01-04 18:42:10 already'],
    ['SILENT', undefined, 'not silent then'],
    ['SILENT', ENDED, 'a reading at 18:42:10 already'],
    ['NOT_OPENED', undefined, 'opened in time'],
    ['NOT_OPENED', ENDED, 'opened at 18:42:10 already'],
    ['TAMPERED', undefined, 'not tampered with then'],
    ['TAMPERED', ENDED, 'tampering over at 18:42:10 already'],
    ['BATTERY_LOW', undefined, 'battery not low then'],
    ['BATTERY_LOW', ENDED, 'battery not low at 18:42:10 already'],
  ])('of %s with the end %s', (kind, endedAt, fact) => {
    const retraction = {
      kind,
      raisedAt: instant('2026-01-05T20:00:00'),
      endedAt: endedAt === undefined ? undefined : instant(endedAt),
      timeZone: 'Europe/Madrid',
    };
    expect(describeAlarmRetraction({ ...retraction, isWithdrawal: false })).toBe(
      `retracted: ${fact}, as a late reading shows`,
    );
    expect(describeAlarmRetraction({ ...retraction, isWithdrawal: true })).toBe(
      `retracted: ${fact}, as a withdrawal of readings shows`,
    );
  });
});
