import { WEEKDAYS } from '@seguridad-abc/contracts';
import type { AllowedHours } from './rule-version.js';
import { Temporal } from 'temporal-polyfill';

/**
 * The first instant at or after `from` at which the opening may not be open.
 * @returns undefined where it always may
 */
export function firstForbidden(hours: AllowedHours, from: number): number | undefined {
  const { opensAt, closesAt, days, timeZone } = hours;
  if (opensAt === null || closesAt === null) return undefined;
  if (opensAt === closesAt && days.length === 7) return undefined;
  const opens = Temporal.PlainTime.from(opensAt);
  const closes = Temporal.PlainTime.from(closesAt);
  const instantOf = (date: Temporal.PlainDate, time: Temporal.PlainTime) =>
    date.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds;
  const overnight = Temporal.PlainTime.compare(closes, opens) <= 0 ? 1 : 0;
  let at = from;
  for (;;) {
    const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
    let end = at;
    for (let offset = -3; offset <= 2; offset++) {
      const day = today.add({ days: offset });
      const weekday = WEEKDAYS[day.dayOfWeek - 1];
      if (!weekday || !days.includes(weekday)) continue;
      if (instantOf(day, opens) <= at) end = Math.max(end, instantOf(day.add({ days: overnight }), closes));
    }
    if (end === at) return at;
    at = end;
  }
}
