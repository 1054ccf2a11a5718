import { Temporal } from 'temporal-polyfill';

const OFFSET = /(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * The instant of a time in a file: with an offset, what it says; without, what clocks in the zone showed. A time that a
 * change of the clocks skipped or repeated is read as Temporal's `compatible` does.
 *
 * @param {string} text such as `2026-01-31T08:00:00` or `2026-01-31T08:00:00-05:00`
 * @param {string} timeZone IANA name
 * @returns {string | undefined} in UTC with milliseconds; nothing where it is no time
 */
export function toInstant(text, timeZone) {
  const time = text.trim().replace(' ', 'T');
  try {
    const { epochMilliseconds } = OFFSET.test(time)
      ? Temporal.Instant.from(time)
      : Temporal.PlainDateTime.from(time).toZonedDateTime(timeZone);
    return new Date(epochMilliseconds).toISOString();
  } catch {
    return undefined;
  }
}

/** @param {string} name */
export function isTimeZone(name) {
  try {
    Temporal.PlainDateTime.from('2026-01-01').toZonedDateTime(name);
    return true;
  } catch {
    return false;
  }
}
