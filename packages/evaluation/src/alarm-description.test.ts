import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { expect, it } from 'vitest';
import { describeAlarm, describeAlarmRetraction, describeWeekdays } from './alarm-description.js';
import { findAlarmsOfInterval } from './due-alarms.js';
import { NO_EXCEPTIONS } from './periods.js';
import type { RuleVersion } from './rule-version.js';
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
  const interval = { startId: 'r1', startedAt: instant(start), endedAt: null };
  const rule = { versions: [version], exceptions: NO_EXCEPTIONS };
  const [due] = findAlarmsOfInterval(rule, 'OPEN', interval, instant('2026-01-20T00:00:00')).alarms;
  expect(due && describeAlarm(rule, due, interval)).toBe(expected);
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

it.each([
  [undefined, 'retracted: not opened then, as a late reading shows'],
  ['2026-01-05T18:42:10', 'retracted: closed at 18:42:10 already, as a late reading shows'],
  ['2026-01-04T18:42:10', 'retracted: closed at 2026-01-04 18:42:10 already, as a late reading shows'],
])('describeAlarmRetraction describes an end at %s', (endedAt, expected) => {
  const end = endedAt === undefined ? undefined : instant(endedAt);
  const retraction = {
    kind: 'OUTSIDE_HOURS',
    raisedAt: instant('2026-01-05T20:00:00'),
    endedAt: end,
    timeZone: 'Europe/Madrid',
    isWithdrawal: false,
  } as const;
  expect(describeAlarmRetraction(retraction)).toBe(expected);
});
