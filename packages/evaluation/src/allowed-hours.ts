import { WEEKDAYS } from '@seguridad-abc/contracts';
import type { AllowedHours } from './rule-version.js';
import { DAY_MS, weekdayOf } from './weekdays.js';
import { getZoneClock, type ZoneClock } from './zone-clock.js';

/**
 * The first instant at or after `from` at which the opening may not be open.
 * @returns undefined where it always may
 */
export function findFirstForbiddenInstant(hours: AllowedHours, from: number): number | undefined {
  const { opensAt, closesAt, days, timeZone } = hours;
  if (opensAt === null || closesAt === null) return undefined;
  const opens = timeOfDay(opensAt);
  const closes = timeOfDay(closesAt);
  // A whole day from every day: each window begins with the end of the one before it, whatever the clocks do.
  if (opens === closes && WEEKDAYS.every((day) => days.includes(day))) return undefined;
  const week = { opens, closes: closes > opens ? closes : closes + DAY_MS, days };
  const clock = getZoneClock(timeZone);
  let at = from;
  for (;;) {
    // Any other rule leaves a part of every week out, so that this comes to an end within days.
    const end = allowedUntil(week, clock, at);
    if (end === undefined) return at;
    at = end;
  }
}

/** Windows as wall clock has them: in ms from the beginning of the day on which they start. */
interface Week {
  readonly opens: number;
  readonly closes: number;
  readonly days: AllowedHours['days'];
}

/** The end of the window that an instant lies in, the latest of several; undefined where it lies in none. */
function allowedUntil({ opens, closes, days }: Week, clock: ZoneClock, at: number): number | undefined {
  const today = Math.floor(clock.wallClockOf(at) / DAY_MS);
  let latest: number | undefined;
  // A window is of the day itself or the one before; where clocks are moved by up to a day, of one more on either side.
  for (let day = today - 2; day <= today + 1; day++) {
    if (!days.includes(weekdayOf(day)) || clock.instantOf(day * DAY_MS + opens) > at) continue;
    const end = clock.instantOf(day * DAY_MS + closes);
    if (end > at && (latest === undefined || end > latest)) latest = end;
  }
  return latest;
}

/** @param time `HH:mm` or `HH:mm:ss`. @returns ms from midnight */
function timeOfDay(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
