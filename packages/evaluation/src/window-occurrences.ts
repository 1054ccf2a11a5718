import { WEEKDAYS, type ActiveWindow, type CalendarWindow, type Weekday } from '@seguridad-abc/contracts';
import type { Period } from './periods.js';
import type { CalendarDates } from './rule-version.js';
import { DAY_MS, getWeekdayIndex, getZoneClock } from './zone-clock.js';

/** A window on one day: the time `[from, until)` for which it is open. */
export interface WindowOccurrence extends Period {
  /** The instant by which the opening must have been opened; undefined if it need not be. */
  readonly openBy: number | undefined;
}

/** The windows of a rule, resolved day by day. */
export interface WindowOccurrences {
  /** The occurrences that start on a day of the wall clock, in days since 1970. Those without length are left out. */
  listOfDay(day: number): readonly WindowOccurrence[];
  /** The day that the wall clock shows. */
  getDay(at: number): number;
  /** The latest end of the occurrences that contain an instant; undefined if none contains it. */
  findEnd(at: number): number | undefined;
  /** The first start in `(at, until]`. */
  findNextStart(at: number, until: number): number | undefined;
}

/**
 * A clock change of up to a day moves a window up to a day from where its date says. A window lasts up to a day. So one that
 * contains an instant, or starts at it, starts on one of these days, counted from the day of the instant.
 */
const FIRST_DAY_OFFSET = -2;
const LAST_DAY_OFFSET = 1;

/**
 * @param windows weekly windows
 * @param calendar its dates have their own windows instead
 */
export function createWindowOccurrences(
  timeZone: string,
  windows: readonly (ActiveWindow | WeeklyWindow)[],
  calendar: CalendarDates | null,
): WindowOccurrences {
  const clock = getZoneClock(timeZone);
  const weekly = windows.map(parseWindow);
  const resolved = new Map<number, readonly WindowOccurrence[]>();

  const resolveDay = (day: number): readonly WindowOccurrence[] => {
    const ofDate = calendar?.get(day)?.windows.map(parseWindow);
    const midnight = day * DAY_MS;
    const weekdayBit = 1 << getWeekdayIndex(day);
    const occurrences: WindowOccurrence[] = [];
    for (const { weekdayBits, opensMs, closesMs, openByMs } of ofDate ?? weekly) {
      if ((weekdayBits & weekdayBit) === 0) continue;
      const from = clock.toInstant(midnight + opensMs);
      const until = clock.toInstant(midnight + closesMs);
      if (from >= until) continue;
      const openBy = openByMs === undefined ? undefined : clock.toInstant(midnight + openByMs);
      occurrences.push({ from, until, openBy });
    }
    return occurrences;
  };

  const listOfDay = (day: number): readonly WindowOccurrence[] => {
    let occurrences = resolved.get(day);
    if (!occurrences) resolved.set(day, (occurrences = resolveDay(day)));
    return occurrences;
  };

  const getDay = (at: number) => Math.floor(clock.toWallClock(at) / DAY_MS);

  return {
    listOfDay,
    getDay,

    findEnd(at) {
      const today = getDay(at);
      let end: number | undefined;
      for (let day = today + FIRST_DAY_OFFSET; day <= today + LAST_DAY_OFFSET; day++) {
        for (const { from, until } of listOfDay(day)) {
          if (from <= at && until > (end ?? at)) end = until;
        }
      }
      return end;
    },

    findNextStart(at, until) {
      let lastDay = getDay(until) + LAST_DAY_OFFSET;
      let first = Infinity;
      for (let day = getDay(at) + FIRST_DAY_OFFSET; day <= lastDay; day++) {
        for (const { from } of listOfDay(day)) {
          if (from <= at) continue;
          // Only a clock change lets a window of a later day start earlier.
          if (first === Infinity) lastDay = Math.min(lastDay, day + 2);
          first = Math.min(first, from);
        }
      }
      return first <= until ? first : undefined;
    },
  };
}

/** Whether one of the windows lasts a whole day and starts on every day: one ends where the next starts, whatever clocks do. */
export const isWholeWeek = (windows: readonly ActiveWindow[]): boolean =>
  windows.some(
    ({ opensAt, closesAt, days }) =>
      days.length >= WEEKDAYS.length && parseTimeOfDay(opensAt) === parseTimeOfDay(closesAt),
  );

type WeeklyWindow = ActiveWindow & Partial<Pick<CalendarWindow, 'openBy'>>;

/** A window in wall-clock time, as milliseconds from the midnight before it starts. */
interface WallClockWindow {
  /** Bit 0 is Monday. */
  readonly weekdayBits: number;
  readonly opensMs: number;
  readonly closesMs: number;
  readonly openByMs: number | undefined;
}

const EVERY_DAY_BITS = 0b1111111;

const parseWindow = (window: WeeklyWindow | CalendarWindow): WallClockWindow => {
  const opensMs = parseTimeOfDay(window.opensAt);
  const closesMs = parseTimeOfDay(window.closesAt);
  const openBy = 'openBy' in window ? (window.openBy ?? null) : null;
  const openByMs = openBy === null ? undefined : parseTimeOfDay(openBy);
  return {
    weekdayBits: 'days' in window ? toWeekdayBits(window.days) : EVERY_DAY_BITS,
    opensMs,
    closesMs: closesMs > opensMs ? closesMs : closesMs + DAY_MS,
    openByMs: openByMs === undefined || openByMs >= opensMs ? openByMs : openByMs + DAY_MS,
  };
};

function toWeekdayBits(days: readonly Weekday[]): number {
  if (days.length === WEEKDAYS.length) return EVERY_DAY_BITS;
  let bits = 0;
  for (const day of days) bits |= 1 << WEEKDAYS.indexOf(day);
  return bits;
}

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
