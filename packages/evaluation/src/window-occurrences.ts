import { WEEKDAYS, type ActiveWindow, type CalendarWindow, type Weekday } from '@seguridad-abc/contracts';
import type { Period } from './periods.js';
import type { CalendarDates } from './rule-version.js';
import { DAY_MS, getWeekday, getZoneClock, type ZoneClock } from './zone-clock.js';

/** A window on one day: the time `[from, until)` for which it is open. */
export interface WindowOccurrence extends Period {
  /** The instant by which the opening must have been opened; undefined if it need not be. */
  readonly openBy: number | undefined;
}

/** The windows of a rule, parsed. */
export interface WindowSchedule {
  readonly clock: ZoneClock;
  readonly weekly: readonly WallClockWindow[];
  /** The dates that have their own windows instead. */
  readonly calendar: CalendarDates | null;
  /** The occurrences of days that were listed. Near a clock change, they are asked for again and again. */
  readonly listed: Map<number, readonly WindowOccurrence[]>;
}

/** Parses the windows of a rule and looks up the clock of its zone. */
export const createWindowSchedule = (
  timeZone: string,
  windows: readonly WeeklyWindow[],
  calendar: CalendarDates | null,
): WindowSchedule => ({
  clock: getZoneClock(timeZone),
  weekly: windows.map(parseWindow),
  calendar,
  listed: new Map(),
});

/** The day that the wall clock of a schedule shows, in days since 1970. */
export const getDay = ({ clock }: WindowSchedule, at: number): number =>
  Math.floor(clock.toWallClock(at) / DAY_MS);

/** Lists the occurrences that start on a day. A window that ends before it starts, because of a clock change, does not occur. */
export function listOccurrences(schedule: WindowSchedule, day: number): readonly WindowOccurrence[] {
  const { clock, listed } = schedule;
  const known = listed.get(day);
  if (known) return known;
  const midnight = day * DAY_MS;
  const occurrences: WindowOccurrence[] = [];
  for (const window of getWindows(schedule, day)) {
    if (!startsOn(window, day)) continue;
    const { opensMs, closesMs, openByMs } = window;
    const from = clock.toInstant(midnight + opensMs);
    const until = clock.toInstant(midnight + closesMs);
    const openBy = openByMs === undefined ? undefined : clock.toInstant(midnight + openByMs);
    if (from < until) occurrences.push({ from, until, openBy });
  }
  listed.set(day, occurrences);
  return occurrences;
}

/**
 * Finds the latest end of the occurrences that contain an instant. Called for each evaluation of a rule. So it tests the
 * weekday last, and adds where the offset is steady.
 * @returns undefined if none contains it
 */
export function findOccurrenceEnd(schedule: WindowSchedule, at: number): number | undefined {
  const today = getDay(schedule, at);
  const offsetMs = schedule.clock.findSteadyOffset(at);
  let end = at;
  if (offsetMs === undefined) {
    // A window lasts up to a day, so it starts today or yesterday. A clock change of up to a day moves it by one more day.
    for (let day = today - 2; day <= today + 1; day++)
      for (const { from, until } of listOccurrences(schedule, day))
        if (from <= at && until > end) end = until;
  } else {
    for (let day = today - 1; day <= today; day++) {
      const midnight = day * DAY_MS - offsetMs;
      for (const window of getWindows(schedule, day)) {
        const until = midnight + window.closesMs;
        if (midnight + window.opensMs <= at && until > end && startsOn(window, day)) end = until;
      }
    }
  }
  return end === at ? undefined : end;
}

/** Finds the first start of an occurrence in `(at, until]`. */
export function findNextOccurrence(schedule: WindowSchedule, at: number, until: number): number | undefined {
  const next = findNextSteadyStart(schedule, at) ?? findNextStart(schedule, at, until);
  return next <= until ? next : undefined;
}

/**
 * Finds the next start where the offset is steady: days do not overlap then, and no window is empty. A long search of a rule with
 * many windows takes a thirtieth of the time.
 * @returns undefined if there is none on this day and the next three, or the offset is not steady
 */
function findNextSteadyStart(schedule: WindowSchedule, at: number): number | undefined {
  const offsetMs = schedule.clock.findSteadyOffset(at);
  if (offsetMs === undefined) return undefined;
  const today = getDay(schedule, at);
  for (let day = today; day <= today + 3; day++) {
    const midnight = day * DAY_MS - offsetMs;
    let next = Infinity;
    for (const window of getWindows(schedule, day)) {
      const from = midnight + window.opensMs;
      if (from > at && from < next && startsOn(window, day)) next = from;
    }
    if (next < Infinity) return next;
  }
  return undefined;
}

/** Finds the next start up to `until` whatever clocks do. @returns a later one, or Infinity, if there is none */
function findNextStart(schedule: WindowSchedule, at: number, until: number): number {
  let lastDay = getDay(schedule, until) + 1;
  let next = Infinity;
  for (let day = getDay(schedule, at) - 2; day <= lastDay; day++) {
    for (const { from } of listOccurrences(schedule, day)) {
      if (from <= at) continue;
      // Only a clock change lets a window of a later day start earlier.
      if (next === Infinity) lastDay = Math.min(lastDay, day + 2);
      next = Math.min(next, from);
    }
  }
  return next;
}

const getWindows = ({ weekly, calendar }: WindowSchedule, day: number): readonly WallClockWindow[] =>
  calendar?.get(day)?.windows.map(parseWindow) ?? weekly;

/** Whether one of the windows lasts a whole day and starts on every day: one ends where the next starts, whatever clocks do. */
export const isWholeWeek = (windows: readonly ActiveWindow[]): boolean =>
  windows.some(
    ({ opensAt, closesAt, days }) =>
      days.length >= WEEKDAYS.length && parseTimeOfDay(opensAt) === parseTimeOfDay(closesAt),
  );

/** A weekly window, with or without `openBy`. */
export type WeeklyWindow = ActiveWindow & Partial<Pick<CalendarWindow, 'openBy'>>;

/** A window in wall-clock time, as milliseconds from the midnight before it starts. */
interface WallClockWindow {
  /** Undefined: a window of one date of a calendar. */
  readonly days: readonly Weekday[] | undefined;
  readonly opensMs: number;
  readonly closesMs: number;
  readonly openByMs: number | undefined;
}

/** Parses a window. An end or an `openBy` that is too early for the day of the start is on the following day. */
export function parseWindow(window: CalendarWindow | WeeklyWindow): WallClockWindow {
  const opensMs = parseTimeOfDay(window.opensAt);
  const closesMs = parseTimeOfDay(window.closesAt);
  const openByMs = window.openBy ? parseTimeOfDay(window.openBy) : undefined;
  return {
    days: 'days' in window ? window.days : undefined,
    opensMs,
    closesMs: closesMs > opensMs ? closesMs : closesMs + DAY_MS,
    openByMs: openByMs === undefined || openByMs >= opensMs ? openByMs : openByMs + DAY_MS,
  };
}

const startsOn = ({ days }: WallClockWindow, day: number): boolean =>
  days === undefined || days.includes(getWeekday(day));

/**
 * Called for each evaluation of a rule: splitting the text took a quarter of recording a reading.
 * @param time `HH:mm` or `HH:mm:ss`
 * @returns milliseconds since midnight
 */
export function parseTimeOfDay(time: string): number {
  const hours = Number(time.slice(0, 2));
  const minutes = Number(time.slice(3, 5));
  // An empty text is 0.
  const seconds = Number(time.slice(6));
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
