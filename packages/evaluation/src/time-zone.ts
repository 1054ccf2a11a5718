import { Temporal } from 'temporal-polyfill';

const EPOCH = Temporal.Instant.fromEpochMilliseconds(0);

/** Temporal would also take offsets (`+05:00`) and whole date-times with a zone in brackets. */
const IANA_NAME = /^[a-z][a-z0-9_+-]*(\/[a-z0-9_+-]+)*$/i;

/**
 * Reads an IANA time zone name, in any case.
 * @returns the name as Temporal writes it, or undefined for an unknown name or an offset
 */
export function parseTimeZone(text: string): string | undefined {
  if (!IANA_NAME.test(text)) return undefined;
  try {
    return EPOCH.toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return undefined;
  }
}
