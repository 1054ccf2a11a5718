import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';

export const DAY_MS = 86_400_000; // ms

/** @param day counted from 1970-01-01, a Thursday; may be negative */
export const weekdayOf = (day: number): Weekday => WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? 'MONDAY';

/** `every day`, `on weekdays`, `on Mondays and Fridays`. */
export function describeWeekdays(days: readonly Weekday[]): string {
  const named = WEEKDAYS.filter((day) => days.includes(day));
  const key = named.join();
  if (key === WEEKDAYS.join()) return 'every day';
  if (key === WEEKDAYS.slice(0, 5).join()) return 'on weekdays';
  if (key === WEEKDAYS.slice(5).join()) return 'on weekends';
  const plurals = named.map((day) => `${day.charAt(0)}${day.slice(1).toLowerCase()}s`);
  const last = plurals.pop() ?? '';
  return `on ${plurals.length > 0 ? `${plurals.join(', ')} and ` : ''}${last}`;
}
