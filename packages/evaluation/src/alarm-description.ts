import type { DueAlarm } from './due-alarms.js';
import type { OpenInterval } from './open-intervals.js';
import type { AllowedHours, RuleVersion } from './rule-version.js';
import { DAY_MS, describeWeekdays, weekdayOf } from './weekdays.js';
import { getZoneClock } from './zone-clock.js';

/**
 * Why an alarm is raised: one sentence with the figures, as the clocks of the rule's zone show them.
 * @param version the one that `due` names
 */
export function describeAlarm(version: RuleVersion, due: DueAlarm, { startedAt }: OpenInterval): string {
  const told = tellerOf(version.timeZone, due.at);
  const parts =
    due.kind === 'OPEN_TOO_LONG'
      ? [`open for more than ${version.maxOpenSeconds ?? 0} s`, `since ${told(startedAt)}`]
      : [
          `open since ${told(startedAt)}`,
          allowance(version, getZoneClock(version.timeZone).wallClockOf(due.at)),
        ];
  if (startedAt < version.from && due.at === version.from) {
    parts.push(`rule in force from ${told(version.from)}`);
  }
  return [...parts, version.timeZone].join(', ');
}

/**
 * Why an alarm is retracted: what a late reading shows.
 * @param raisedAt the instant at which it was said to be due
 * @param endedAt of its interval; undefined where its reading starts none any more
 */
export function describeRetraction(raisedAt: number, endedAt: number | undefined, timeZone: string): string {
  const shown =
    endedAt === undefined ? 'not opened then' : `closed at ${tellerOf(timeZone, raisedAt)(endedAt)} already`;
  return `retracted: ${shown}, as a late reading shows`;
}

/** Tells instants by the clocks of a zone, with the date where it is another than that of the alarm. */
function tellerOf(timeZone: string, alarmAt: number): (at: number) => string {
  const clock = getZoneClock(timeZone);
  const alarmDay = dayOf(clock.wallClockOf(alarmAt));
  return (at) => {
    const wallClock = clock.wallClockOf(at);
    return dayOf(wallClock) === alarmDay ? timeOf(wallClock) : `${dateOf(wallClock)} ${timeOf(wallClock)}`;
  };
}

/** The hours that are broken; of those that are over for the day only the end. */
function allowance({ opensAt, closesAt, days }: AllowedHours, dueWallClock: number): string {
  if (opensAt === null || closesAt === null || days.length === 0) return 'never allowed';
  // Times of day sort as text, `18:30` before `18:30:00`.
  if (closesAt <= opensAt)
    return `allowed from ${opensAt} ${describeWeekdays(days)} to ${closesAt} the next day`;
  const over = timeOf(dueWallClock) >= closesAt && days.includes(weekdayOf(dayOf(dueWallClock)));
  return `allowed ${over ? '' : `from ${opensAt} `}until ${closesAt} ${describeWeekdays(days)}`;
}

const dayOf = (wallClock: number) => Math.floor(wallClock / DAY_MS);
const dateOf = (wallClock: number) => written(wallClock).replace(/T.*/, '');
const timeOf = (wallClock: number) => written(wallClock).replace(/.*T/, '');
/** `2026-01-31T18:42:10` */
const written = (wallClock: number) => new Date(wallClock).toISOString().replace(/\..*/, '');
