import { Temporal } from 'temporal-polyfill';
import { DAY_MS } from './weekdays.js';

/** Reads instants on the clocks of one zone and back. A wall-clock time is given as UTC would give it: in ms since 1970. */
export interface ZoneClock {
  wallClockOf(at: number): number;
  /** One that is skipped comes later by the gap; of one that is repeated the first counts (Temporal's `compatible`). */
  instantOf(wallClock: number): number;
}

/** A time between two changes of the clocks: `from` up to, not including, `until`. */
interface Span {
  readonly from: number;
  readonly until: number;
  /** What the clocks are ahead of UTC. */
  readonly offset: number;
}

/** More than clocks were ever moved at once (by a day, where a country crossed the date line). */
const LONGEST_MOVE = 2 * DAY_MS;

/**
 * Temporal asks `Intl` for every answer. Between two changes all there is to do is to add, so spans are kept once found:
 * what is kept depends on the zone alone, and there are some hundred zones with two spans a year at most.
 */
const clocks = new Map<string, ZoneClock>();

/** @param timeZone an IANA name, as `parseTimeZone` gives it */
export function getZoneClock(timeZone: string): ZoneClock {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = createZoneClock(timeZone);
  clocks.set(timeZone, clock);
  return clock;
}

function createZoneClock(timeZone: string): ZoneClock {
  const spans: Span[] = [];
  let latest: Span | undefined;

  const spanAt = (at: number): Span => {
    if (latest && latest.from <= at && at < latest.until) return latest;
    latest = spans.find(({ from, until }) => from <= at && at < until);
    if (!latest) spans.push((latest = findSpan(timeZone, at)));
    return latest;
  };

  return {
    wallClockOf: (at) => at + spanAt(at).offset,
    instantOf(wallClock) {
      const { from, until, offset } = spanAt(wallClock);
      const at = wallClock - offset;
      // Far from any change there is but one answer; near to one, Temporal resolves it.
      return at - from > LONGEST_MOVE && until - at > LONGEST_MOVE ? at : resolve(timeZone, wallClock);
    },
  };
}

function findSpan(timeZone: string, at: number): Span {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return {
    // `previous` looks before an instant: a change that happens at it counts as well.
    from: zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity,
    until: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
    offset: zoned.offsetNanoseconds / 1e6,
  };
}

const resolve = (timeZone: string, wallClock: number): number =>
  Temporal.Instant.fromEpochMilliseconds(wallClock)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
