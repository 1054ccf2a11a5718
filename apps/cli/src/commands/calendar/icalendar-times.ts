import { normalizeTimeZone } from '@seguridad-abc/evaluation';
import type ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';

/** A time of an event. A date is at midnight of UTC, so that no change of the clock concerns it. */
export interface EventTime {
  readonly isDate: boolean;
  readonly at: Temporal.ZonedDateTime;
}

/** A time that cannot be read. The message has no full stop. */
export class EventTimeError extends Error {
  override name = 'EventTimeError';
}

/** The zone of dates. */
const DATE_ZONE = 'UTC';
/** The parser writes a date without `VALUE=DATE` as a date-time without digits. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:T::)?$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(Z?)$/;

/**
 * Reads the values of a property with times, such as `EXDATE`.
 * @param localZone zone of times without a zone, of times in UTC, and of times in a zone that has no IANA name
 * @throws EventTimeError
 */
export function readTimes(property: ICAL.Property, localZone: string): readonly EventTime[] {
  const [name, parameters, , ...values] = property.toJSON() as [
    string,
    { readonly tzid?: unknown },
    ...unknown[],
  ];
  const zone = typeof parameters.tzid === 'string' ? normalizeTimeZone(parameters.tzid) : undefined;
  return values.map((value) => {
    // Of a period, the start counts.
    const text: unknown = Array.isArray(value) ? value[0] : value;
    const time = typeof text === 'string' ? parseTime(text, zone ?? localZone) : undefined;
    if (!time) throw new EventTimeError(`${name.toUpperCase()} is no valid date or time`);
    return time;
  });
}

function parseTime(text: string, zone: string): EventTime | undefined {
  const [, date] = DATE.exec(text) ?? [];
  const [, dateTime, utc] = DATE_TIME.exec(text) ?? [];
  try {
    if (date !== undefined) {
      return { isDate: true, at: Temporal.PlainDate.from(date).toZonedDateTime(DATE_ZONE) };
    }
    if (dateTime === undefined) return undefined;
    const at =
      utc === 'Z'
        ? Temporal.Instant.from(text).toZonedDateTimeISO(zone)
        : Temporal.PlainDateTime.from(dateTime).toZonedDateTime(zone);
    return { isDate: false, at };
  } catch {
    return undefined;
  }
}

/** @throws EventTimeError */
export function readDuration(property: ICAL.Property): Temporal.Duration {
  const [, , , value] = property.toJSON() as unknown[];
  try {
    const duration = Temporal.Duration.from(String(value));
    if (duration.sign >= 0) return duration;
  } catch {
    // The error below names the property.
  }
  throw new EventTimeError('DURATION is no valid duration');
}
