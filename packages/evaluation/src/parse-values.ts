import { formatInstant } from '@seguridad-abc/contracts';
import { Temporal } from 'temporal-polyfill';

/** `date-time` of RFC 3339, section 5.6: https://www.rfc-editor.org/rfc/rfc3339#section-5.6. The offset is required. */
const RFC_3339_DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** The range of instants that `toISOString` writes with a four-digit year, so that they sort as text. */
const EARLIEST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Parses an RFC 3339 date-time with an offset.
 * @returns the instant in UTC, truncated to milliseconds; undefined if the text is not valid
 */
export function normalizeInstant(text: string): string | undefined {
  const upper = text.toUpperCase();
  if (!RFC_3339_DATE_TIME.test(upper)) return undefined;
  try {
    const ms = Temporal.Instant.from(upper).epochMilliseconds;
    return ms >= EARLIEST_MS && ms <= LATEST_MS ? formatInstant(ms) : undefined;
  } catch {
    return undefined;
  }
}

const LOCAL_TIME = /^((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?$/;

/**
 * Parses a wall-clock time, `HH:mm` or `HH:mm:ss`, from 00:00 to 23:59:59.
 * @returns `HH:mm`, with seconds only if they are not 0; undefined if the text is not valid
 */
export function normalizeLocalTime(text: string): string | undefined {
  const match = LOCAL_TIME.exec(text);
  if (!match) return undefined;
  const [, time = '', seconds = ''] = match;
  return seconds === ':00' ? time : time + seconds;
}

const EPOCH = Temporal.Instant.fromEpochMilliseconds(0);

/** Temporal accepts more than names: offsets (`+05:00`), and date-times with a zone in brackets. */
const IANA_NAME = /^[a-z][a-z0-9_+-]*(\/[a-z0-9_+-]+)*$/i;

/**
 * Parses an IANA time zone name in any letter case.
 * @returns the name as Temporal writes it; undefined for an unknown name or an offset
 */
export function normalizeTimeZone(text: string): string | undefined {
  if (!IANA_NAME.test(text)) return undefined;
  try {
    return EPOCH.toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return undefined;
  }
}
