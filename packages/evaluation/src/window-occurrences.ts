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
  /** The starts of the occurrences of some days, in order: a search goes from one occurrence to the next. */
  readonly startsByDay: Map<number, readonly number[]>;
}

/** More than `findNextOccurrence` looks at. */
const MAX_KNOWN_DAYS = 16;

/** Parses the windows of a rule and looks up the clock of its zone. */
export const createWindowSchedule = (
  timeZone: string,
  windows: readonly WeeklyWindow[],
  calendar: CalendarDates | null,
): WindowSchedule => ({
  clock: getZoneClock(timeZone),
  weekly: windows.map(parseWindow),
  calendar,
  startsByDay: new Map(),
});

/** The day that the wall clock of a schedule shows, in days since 1970. */
export const getDay = ({ clock }: WindowSchedule, at: number): number =>
  Math.floor(clock.toWallClock(at) / DAY_MS);

/** Lists the occurrences that start on a day. A window that ends before it starts, because of a clock change, does not occur. */
export function listOccurrences(schedule: WindowSchedule, day: number): WindowOccurrence[] {
  const { clock } = schedule;
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
  return occurrences;
}

/** The instants at which occurrences start that start on a day, in order. */
function listStarts(schedule: WindowSchedule, day: number): readonly number[] {
  const { startsByDay } = schedule;
  const known = startsByDay.get(day);
  if (known) return known;
  if (startsByDay.size >= MAX_KNOWN_DAYS) startsByDay.clear();
  const starts = listOccurrences(schedule, day)
    .map(({ from }) => from)
    .sort((a, b) => a - b);
  startsByDay.set(day, starts);
  return starts;
}

/**
 * Finds the latest end of the occurrences that contain an instant. Called for each evaluation of a rule. So it tests the
 * weekday last, and adds where the offset is steady.
 * @returns undefined if none contains it
 */
export function findOccurrenceEnd(schedule: WindowSchedule, at: number): number | undefined {
  const { clock } = schedule;
  const offsetMs = clock.findSteadyOffset(at);
  const today = getDay(schedule, at);
  // A window lasts up to a day, so it starts today or yesterday. A clock change of up to a day moves it by one more day.
  const isSteady = offsetMs !== undefined;
  const lastDay = isSteady ? today : today + 1;
  let end: number | undefined;
  for (let day = isSteady ? today - 1 : today - 2; day <= lastDay; day++) {
    const midnight = day * DAY_MS;
    for (const window of getWindows(schedule, day)) {
      const opens = midnight + window.opensMs;
      if ((isSteady ? opens - offsetMs : clock.toInstant(opens)) > at) continue;
      const closes = midnight + window.closesMs;
      const until = isSteady ? closes - offsetMs : clock.toInstant(closes);
      if (until > (end ?? at) && startsOn(window, day)) end = until;
    }
  }
  return end;
}

/** Finds the first start of an occurrence in `(at, until]`. */
export function findNextOccurrence(schedule: WindowSchedule, at: number, until: number): number | undefined {
  let lastDay = getDay(schedule, until) + 1;
  let next = Infinity;
  for (let day = getDay(schedule, at) - 2; day <= lastDay; day++) {
    const start = listStarts(schedule, day).find((from) => from > at);
    if (start === undefined) continue;
    // Only a clock change lets a window of a later day start earlier.
    if (next === Infinity) lastDay = Math.min(lastDay, day + 2);
    next = Math.min(next, start);
  }
  return next <= until ? next : undefined;
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

function parseWindow(window: CalendarWindow | WeeklyWindow): WallClockWindow {
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
