import {
  WEEKDAYS,
  type AlarmKind,
  type CalendarDate,
  type Weekday,
  type Window,
} from '@seguridad-abc/contracts';
import type { DueAlarm, Episode } from './due-alarms.js';
import type { EvaluatedVersions, RuleVersion } from './rule-version.js';
import { DAY_MS, getWeekday, getZoneClock } from './zone-clock.js';

/** What a description needs of an alarm. `inForceFrom` is absent for `NOT_OPENED`. */
export type DescribedAlarm = Pick<DueAlarm, 'kind' | 'at' | 'versionIndex'> &
  Partial<Pick<DueAlarm, 'inForceFrom'>>;

/**
 * Describes why an alarm is raised: one sentence with figures, in wall-clock times of the rule's zone.
 * @param rule the versions that `due` refers to
 * @param episode the interval or the silence; for `NOT_OPENED`, the occurrence of the window
 */
export function describeAlarm(
  { versions, exceptions }: EvaluatedVersions,
  due: DescribedAlarm,
  episode: Pick<Episode, 'startedAt'>,
): string {
  const version = versions[due.versionIndex];
  if (!version) return '';
  const format = createInstantFormatter(version.timeZone, due.at);
  const parts = CAUSES[due.kind](version, due, episode.startedAt, format);
  const inForceFrom = due.inForceFrom ?? -Infinity;
  if (episode.startedAt < inForceFrom && due.at <= inForceFrom + getCountedMs(version, due.kind)) {
    parts.push(`rule in force from ${format(inForceFrom)}`);
  }
  if (exceptions.suspend.some(({ until }) => until === due.at))
    parts.push(`suspended until ${format(due.at)}`);
  return [...parts, version.timeZone].join(', ');
}

type InstantFormatter = (at: number) => string;
type CauseDescriber = (
  version: RuleVersion,
  due: DescribedAlarm,
  startedAt: number,
  format: InstantFormatter,
) => string[];

const CAUSES: Readonly<Record<AlarmKind, CauseDescriber>> = {
  OUTSIDE_HOURS(version, { at }, startedAt, format) {
    const { graceSeconds, timeZone } = version;
    const forbiddenAt = getZoneClock(timeZone).toWallClock(at - graceSeconds * 1_000);
    const parts = [`open since ${format(startedAt)}`, describeAllowedHours(version, forbiddenAt)];
    return graceSeconds === 0 ? parts : [...parts, `grace of ${graceSeconds} s over`];
  },
  OPEN_TOO_LONG: ({ maxOpenSeconds }, _due, startedAt, format) => [
    `open for more than ${maxOpenSeconds ?? 0} s`,
    `since ${format(startedAt)}`,
  ],
  SILENT: ({ silentAfterSeconds }, _due, startedAt, format) => [
    `no reading for more than ${silentAfterSeconds ?? 0} s`,
    startedAt === -Infinity ? 'no reading before' : `since ${format(startedAt)}`,
  ],
  NOT_OPENED: (_version, { at }, startedAt, format) => [
    `not opened from ${format(startedAt)} to ${format(at)}`,
  ],
  TAMPERED: (_version, _due, startedAt, format) => [`sensor tampered with since ${format(startedAt)}`],
  BATTERY_LOW: (_version, _due, startedAt, format) => [`battery low since ${format(startedAt)}`],
};

/** The time that a condition counts from the beginning of its version, in milliseconds. */
function getCountedMs({ graceSeconds, silentAfterSeconds }: RuleVersion, kind: AlarmKind): number {
  if (kind === 'OUTSIDE_HOURS') return graceSeconds * 1_000;
  return kind === 'SILENT' ? (silentAfterSeconds ?? 0) * 1_000 : 0;
}

/** An alarm whose condition did not last until it was due. */
export interface AlarmRetraction {
  readonly kind: AlarmKind;
  /** The instant at which the alarm was considered due. */
  readonly raisedAt: number;
  /** The end of its interval or silence, or the opening in time; undefined if its interval or silence does not exist. */
  readonly endedAt: number | undefined;
  readonly timeZone: string;
  /** Whether readings were withdrawn. Otherwise a late reading shows the fact. */
  readonly isWithdrawal: boolean;
}

/** Describes why an alarm is retracted: the fact that a late reading or a withdrawal shows. */
export function describeAlarmRetraction({
  kind,
  raisedAt,
  endedAt,
  timeZone,
  isWithdrawal,
}: AlarmRetraction): string {
  const [never, ended] = RETRACTION_FACTS[kind];
  const fact =
    endedAt === undefined ? never : `${ended} ${createInstantFormatter(timeZone, raisedAt)(endedAt)} already`;
  return `retracted: ${fact}, as a ${isWithdrawal ? 'withdrawal of readings' : 'late reading'} shows`;
}

/** The fact if the condition never began, and if it ended too early. */
const RETRACTION_FACTS: Readonly<Record<AlarmKind, readonly [never: string, ended: string]>> = {
  OUTSIDE_HOURS: ['not opened then', 'closed at'],
  OPEN_TOO_LONG: ['not opened then', 'closed at'],
  SILENT: ['not silent then', 'a reading at'],
  NOT_OPENED: ['opened in time', 'opened at'],
  TAMPERED: ['not tampered with then', 'tampering over at'],
  BATTERY_LOW: ['battery not low then', 'battery not low at'],
};

/** Formats instants as wall-clock times, with the date if it differs from the date of the alarm. */
function createInstantFormatter(timeZone: string, alarmAt: number): InstantFormatter {
  const clock = getZoneClock(timeZone);
  const alarmDay = getDay(clock.toWallClock(alarmAt));
  return (at) => {
    const wallClock = clock.toWallClock(at);
    const time = formatTime(wallClock);
    return getDay(wallClock) === alarmDay ? time : `${formatDate(wallClock)} ${time}`;
  };
}

/** Describes the allowed hours that an interval breaks. @param forbiddenAt wall-clock time */
function describeAllowedHours({ windows, calendar }: RuleVersion, forbiddenAt: number): string {
  const day = getDay(forbiddenAt);
  const date = calendar?.get(day);
  if (date) return describeTimes(date.windows, describeDate(date));
  const [first, ...others] = windows ?? [];
  if (!first || windows?.every(({ days }) => days.length === 0)) return 'never allowed';
  if (others.length === 0) return describeWindow(first, forbiddenAt);
  const weekday = getWeekday(day);
  const ofDay = [first, ...others].filter(({ days }) => days.includes(weekday));
  return describeTimes(ofDay, describeWeekdays([weekday]));
}

/** Describes the only window of a rule. After the end of the day's window, only the end matters. */
function describeWindow({ opensAt, closesAt, days }: Window, forbiddenAt: number): string {
  // Times of day sort as text: `18:30` comes before `18:30:00`.
  if (closesAt <= opensAt) {
    return `allowed from ${opensAt} ${describeWeekdays(days)} to ${closesAt} the next day`;
  }
  const isPastEnd = formatTime(forbiddenAt) >= closesAt && days.includes(getWeekday(getDay(forbiddenAt)));
  return `allowed ${isPastEnd ? '' : `from ${opensAt} `}until ${closesAt} ${describeWeekdays(days)}`;
}

/** A sentence names at most this many windows. */
const MAX_DESCRIBED_WINDOWS = 5;

/** Describes several windows of one day, or none. @param day such as `on Mondays` */
function describeTimes(windows: readonly Pick<Window, 'opensAt' | 'closesAt'>[], day: string): string {
  if (windows.length === 0) return `not allowed ${day}`;
  const times = [...windows]
    .sort((a, b) => (a.opensAt < b.opensAt ? -1 : 1))
    .map(({ opensAt, closesAt }) => {
      const end = closesAt <= opensAt ? `${closesAt} the next day` : closesAt;
      return `from ${opensAt} until ${end}`;
    });
  const more = times.length - MAX_DESCRIBED_WINDOWS;
  const named = more > 0 ? [...times.slice(0, MAX_DESCRIBED_WINDOWS), `${more} more times`] : times;
  return `allowed ${joinWithAnd(named)} ${day}`;
}

const describeDate = ({ date, label }: CalendarDate) => `on ${date}${label === null ? '' : ` (${label})`}`;

/** `every day`, `on weekdays`, `on Mondays and Fridays`. */
export function describeWeekdays(days: readonly Weekday[]): string {
  const ordered = WEEKDAYS.filter((day) => days.includes(day));
  const key = ordered.join();
  if (key === WEEKDAYS.join()) return 'every day';
  if (key === WEEKDAYS.slice(0, 5).join()) return 'on weekdays';
  if (key === WEEKDAYS.slice(5).join()) return 'on weekends';
  return `on ${joinWithAnd(ordered.map((day) => `${day.charAt(0)}${day.slice(1).toLowerCase()}s`))}`;
}

function joinWithAnd(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${last}` : last;
}

const getDay = (wallClock: number) => Math.floor(wallClock / DAY_MS);
const formatDate = (wallClock: number) => new Date(wallClock).toISOString().slice(0, -14);
const formatTime = (wallClock: number) => new Date(wallClock).toISOString().slice(-13, -5);
