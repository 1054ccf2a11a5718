import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { expect, it } from 'vitest';
import { DAY_MS, describeWeekdays, weekdayOf } from './weekdays.js';

it.each<[string, Weekday]>([
  ['1970-01-01', 'THURSDAY'],
  ['1969-12-28', 'SUNDAY'],
  ['1901-01-01', 'TUESDAY'],
  ['2026-01-05', 'MONDAY'],
])('%s was a %s', (date, expected) => {
  expect(weekdayOf(Date.parse(date) / DAY_MS)).toBe(expected);
});

it.each<[readonly Weekday[], string]>([
  [WEEKDAYS, 'every day'],
  [WEEKDAYS.toReversed(), 'every day'],
  [WEEKDAYS.slice(0, 5), 'on weekdays'],
  [['SUNDAY', 'SATURDAY'], 'on weekends'],
  [['FRIDAY'], 'on Fridays'],
  [['FRIDAY', 'MONDAY'], 'on Mondays and Fridays'],
  [['FRIDAY', 'SUNDAY', 'MONDAY'], 'on Mondays, Fridays and Sundays'],
])('%j: %s', (days, expected) => {
  expect(describeWeekdays(days)).toBe(expected);
});
