import type { Due } from './dues.js';
import type { JudgedInterval } from './intervals.js';
import type { AllowedHours, RuleVersion } from './rule-version.js';
import { DAY, inWords, weekdayOf } from './weekdays.js';
import { zoneClock } from './zone-clock.js';

/**
 * Why an alarm is raised: one sentence with the figures, as the clocks of the rule's zone show them.
 * @param version the one that `due` names
 */
export function reasonOf(version: RuleVersion, due: Due, { startedAt }: JudgedInterval): string {
  const clock = zoneClock(version.timeZone);
  const dueWallClock = clock.wallClockOf(due.at);
  /** With the date where it is another than that of the alarm. */
  const told = (at: number) => {
    const wallClock = clock.wallClockOf(at);
    return dayOf(wallClock) === dayOf(dueWallClock)
      ? timeOf(wallClock)
      : `${dateOf(wallClock)} ${timeOf(wallClock)}`;
  };
  const parts =
    due.kind === 'OPEN_TOO_LONG'
      ? [`open for more than ${version.maxOpenSeconds ?? 0} s`, `since ${told(startedAt)}`]
      : [`open since ${told(startedAt)}`, allowance(version, dueWallClock)];
  if (startedAt < version.from && due.at === version.from) {
    parts.push(`rule in force from ${told(version.from)}`);
  }
  return [...parts, version.timeZone].join(', ');
}

/** The hours that are broken; of those that are over for the day only the end. */
function allowance({ opensAt, closesAt, days }: AllowedHours, dueWallClock: number): string {
  if (opensAt === null || closesAt === null || days.length === 0) return 'never allowed';
  // Times of day sort as text, `18:30` before `18:30:00`.
  if (closesAt <= opensAt) return `allowed from ${opensAt} ${inWords(days)} to ${closesAt} the next day`;
  const over = timeOf(dueWallClock) >= closesAt && days.includes(weekdayOf(dayOf(dueWallClock)));
  return `allowed ${over ? '' : `from ${opensAt} `}until ${closesAt} ${inWords(days)}`;
}

const dayOf = (wallClock: number) => Math.floor(wallClock / DAY);
const dateOf = (wallClock: number) => written(wallClock).replace(/T.*/, '');
const timeOf = (wallClock: number) => written(wallClock).replace(/.*T/, '');
/** `2026-01-31T18:42:10` */
const written = (wallClock: number) => new Date(wallClock).toISOString().replace(/\..*/, '');
