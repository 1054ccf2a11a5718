import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { Temporal } from 'temporal-polyfill';

export const DAY_MS = 86_400_000;

/** @param day days since 1970-01-01, a Thursday; may be negative */
export const getWeekday = (day: number): Weekday => WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? 'MONDAY';

/**
 * Converts between instants and the wall-clock time of one zone. A wall-clock time is written as milliseconds since 1970, as
 * if the wall clock showed UTC.
 */
export interface ZoneClock {
  toWallClock(instant: number): number;
  /**
   * Resolves a skipped time to one that is later by the gap, and a repeated time to its first occurrence: Temporal's
   * `compatible` disambiguation (https://tc39.es/proposal-temporal/docs/ambiguity.html).
   */
  toInstant(wallClock: number): number;
  /** Wall-clock time minus UTC, in milliseconds, if it is the same for four days before and after an instant. */
  findSteadyOffset(instant: number): number | undefined;
}

/** A period `[from, until)` between two clock changes of a zone. */
interface OffsetPeriod {
  readonly from: number;
  readonly until: number;
  /** Wall-clock time minus UTC, in milliseconds. */
  readonly offsetMs: number;
}

/**
 * Longer than any clock change: a zone that crosses the date line skips or repeats one day. Two changes of a zone have never been
 * closer than six days, so at most one is near an instant.
 */
const MAX_CLOCK_CHANGE_MS = 2 * DAY_MS;
const STEADY_MS = 4 * DAY_MS;

/**
 * Temporal asks `Intl` for every conversion, which is slow. The clock stores the offset periods that it has found, and adds.
 * They depend on the zone data alone. Memory stays small: a few hundred zones with at most two periods per year.
 */
const clocks = new Map<string, ZoneClock>();

/** @param timeZone an IANA name as `normalizeTimeZone` returns it */
export function getZoneClock(timeZone: string): ZoneClock {
  const existing = clocks.get(timeZone);
  if (existing) return existing;
  const clock = createZoneClock(timeZone);
  clocks.set(timeZone, clock);
  return clock;
}

function createZoneClock(timeZone: string): ZoneClock {
  const periods: OffsetPeriod[] = [];
  let latest: OffsetPeriod | undefined;

  const getPeriod = (at: number): OffsetPeriod => {
    if (latest && latest.from <= at && at < latest.until) return latest;
    latest = periods.find(({ from, until }) => from <= at && at < until);
    if (!latest) periods.push((latest = findOffsetPeriod(timeZone, at)));
    return latest;
  };

  /** Resolves a wall-clock time near a clock change. @param change the first instant after it */
  const resolveNearChange = (wallClock: number, change: number): number => {
    const before = wallClock - getPeriod(change - 1).offsetMs;
    const after = wallClock - getPeriod(change).offsetMs;
    // A repeated time has its first occurrence before the change. A skipped time has the offset from before it.
    return before < change || after < change ? before : after;
  };

  return {
    toWallClock: (instant) => instant + getPeriod(instant).offsetMs,

    toInstant(wallClock) {
      const { from, until, offsetMs } = getPeriod(wallClock);
      const instant = wallClock - offsetMs;
      // Near a clock change, a wall-clock time can be ambiguous.
      if (instant - from <= MAX_CLOCK_CHANGE_MS) return resolveNearChange(wallClock, from);
      return until - instant > MAX_CLOCK_CHANGE_MS ? instant : resolveNearChange(wallClock, until);
    },

    findSteadyOffset(instant) {
      const { from, until, offsetMs } = getPeriod(instant);
      return instant - from > STEADY_MS && until - instant > STEADY_MS ? offsetMs : undefined;
    },
  };
}

function findOffsetPeriod(timeZone: string, at: number): OffsetPeriod {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return {
    // `previous` excludes the instant itself. A clock change exactly at the instant has to be included.
    from: zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity,
    until: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
    offsetMs: zoned.offsetNanoseconds / 1e6,
  };
}
