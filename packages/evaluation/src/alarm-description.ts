import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import type { AllowedHours } from './allowed-hours.js';
import type { DueAlarm, RuleVersion } from './due-alarms.js';
import type { OpeningInterval } from './opening-intervals.js';
import { DAY_MS, getWeekday, getZoneClock } from './zone-clock.js';

/**
 * Describes why an alarm is raised: one sentence with figures, in wall-clock times of the rule's zone.
 * @param version the rule version that `due` refers to
 */
export function describeAlarm(version: RuleVersion, due: DueAlarm, { startedAt }: OpeningInterval): string {
  const format = createInstantFormatter(version.timeZone, due.at);
  const parts =
    due.kind === 'OPEN_TOO_LONG'
      ? [`open for more than ${version.maxOpenSeconds ?? 0} s`, `since ${format(startedAt)}`]
      : [
          `open since ${format(startedAt)}`,
          describeAllowedHours(version, getZoneClock(version.timeZone).toWallClock(due.at)),
        ];
  if (startedAt < version.from && due.at === version.from) {
    parts.push(`rule in force from ${format(version.from)}`);
  }
  return [...parts, version.timeZone].join(', ');
}

/**
 * Describes why an alarm is retracted: the fact that a late reading shows.
 * @param raisedAt the instant at which the alarm was considered due
 * @param endedAt the end of its interval; undefined if its reading no longer starts an interval
 */
export function describeAlarmRetraction(
  raisedAt: number,
  endedAt: number | undefined,
  timeZone: string,
): string {
  const fact =
    endedAt === undefined
      ? 'not opened then'
      : `closed at ${createInstantFormatter(timeZone, raisedAt)(endedAt)} already`;
  return `retracted: ${fact}, as a late reading shows`;
}

/** Formats instants as wall-clock times, with the date if it differs from the date of the alarm. */
function createInstantFormatter(timeZone: string, alarmAt: number): (at: number) => string {
  const clock = getZoneClock(timeZone);
  const alarmDay = getDay(clock.toWallClock(alarmAt));
  return (at) => {
    const wallClock = clock.toWallClock(at);
    const time = formatTime(wallClock);
    return getDay(wallClock) === alarmDay ? time : `${formatDate(wallClock)} ${time}`;
  };
}

/** Describes the allowed hours that an interval breaks. After the end of the day's window, only the end matters. */
function describeAllowedHours({ opensAt, closesAt, days }: AllowedHours, dueWallClock: number): string {
  if (opensAt === null || closesAt === null || days.length === 0) return 'never allowed';
  // Times of day sort as text: `18:30` comes before `18:30:00`.
  if (closesAt <= opensAt) {
    return `allowed from ${opensAt} ${describeWeekdays(days)} to ${closesAt} the next day`;
  }
  const isPastEnd = formatTime(dueWallClock) >= closesAt && days.includes(getWeekday(getDay(dueWallClock)));
  return `allowed ${isPastEnd ? '' : `from ${opensAt} `}until ${closesAt} ${describeWeekdays(days)}`;
}

/** `every day`, `on weekdays`, `on Mondays and Fridays`. */
export function describeWeekdays(days: readonly Weekday[]): string {
  const ordered = WEEKDAYS.filter((day) => days.includes(day));
  const key = ordered.join();
  if (key === WEEKDAYS.join()) return 'every day';
  if (key === WEEKDAYS.slice(0, 5).join()) return 'on weekdays';
  if (key === WEEKDAYS.slice(5).join()) return 'on weekends';
  const plurals = ordered.map((day) => `${day.charAt(0)}${day.slice(1).toLowerCase()}s`);
  const last = plurals.pop() ?? '';
  return `on ${plurals.length > 0 ? `${plurals.join(', ')} and ` : ''}${last}`;
}

const getDay = (wallClock: number) => Math.floor(wallClock / DAY_MS);
const formatDate = (wallClock: number) => new Date(wallClock).toISOString().slice(0, -14);
const formatTime = (wallClock: number) => new Date(wallClock).toISOString().slice(-13, -5);
