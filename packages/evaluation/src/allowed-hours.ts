import { WEEKDAYS, type RuleConditions, type Weekday } from '@seguridad-abc/contracts';
import { DAY_MS, getWeekday, getZoneClock, type ZoneClock } from './zone-clock.js';

/** When an opening may be open: the conditions of a rule without its timer. */
export type AllowedHours = Readonly<Pick<RuleConditions, 'opensAt' | 'closesAt' | 'timeZone'>> & {
  readonly days: readonly Weekday[];
};

/**
 * Finds the first instant at or after `from` that no window of the allowed hours contains
 * (docs/evaluation.md#allowed-hours).
 * @returns undefined if every instant is allowed
 */
export function findFirstForbiddenInstant(hours: AllowedHours, from: number): number | undefined {
  const { opensAt, closesAt, days, timeZone } = hours;
  if (opensAt === null || closesAt === null) return undefined;
  const opensMs = parseTimeOfDay(opensAt);
  const closesMs = parseTimeOfDay(closesAt);
  // Whole-day windows on all seven days: each one starts where the one before it ends, whatever the clocks do.
  if (opensMs === closesMs && WEEKDAYS.every((day) => days.includes(day))) return undefined;
  const windows = { opensMs, closesMs: closesMs > opensMs ? closesMs : closesMs + DAY_MS, days };
  const clock = getZoneClock(timeZone);
  let at = from;
  for (;;) {
    // All other rules forbid a part of every week, so the loop ends within a few days of rule time.
    const end = findWindowEnd(windows, clock, at);
    if (end === undefined) return at;
    at = end;
  }
}

/** The weekly windows in wall-clock time, as milliseconds from the midnight before the window starts. */
interface WeeklyWindows {
  readonly opensMs: number;
  readonly closesMs: number;
  readonly days: readonly Weekday[];
}

/** The end of a window that contains an instant; undefined if none contains it. */
function findWindowEnd(
  { opensMs, closesMs, days }: WeeklyWindows,
  clock: ZoneClock,
  at: number,
): number | undefined {
  const today = Math.floor(clock.toWallClock(at) / DAY_MS);
  // A window starts today or yesterday. Clock changes of up to a day add one more day on either side.
  for (let day = today - 2; day <= today + 1; day++) {
    if (!days.includes(getWeekday(day)) || clock.toInstant(day * DAY_MS + opensMs) > at) continue;
    const end = clock.toInstant(day * DAY_MS + closesMs);
    if (end > at) return end;
  }
  return undefined;
}

/**
 * Called for each evaluation of a rule: splitting the text took a quarter of recording a reading.
 * @param time `HH:mm` or `HH:mm:ss`
 * @returns milliseconds since midnight
 */
function parseTimeOfDay(time: string): number {
  const hours = Number(time.slice(0, 2));
  const minutes = Number(time.slice(3, 5));
  // An empty text is 0.
  const seconds = Number(time.slice(6));
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
