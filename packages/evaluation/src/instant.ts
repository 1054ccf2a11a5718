import { Temporal } from 'temporal-polyfill';

/** RFC 3339 section 5.6, `date-time`: the offset is not optional. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** The instants that `toISOString` writes with a year of four digits, so that they sort as text. */
const EARLIEST = Date.parse('0000-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads an RFC 3339 date-time with an offset.
 * @returns the instant in UTC, cut to milliseconds, or undefined where the text is none
 */
export function parseInstant(text: string): string | undefined {
  const upper = text.toUpperCase();
  if (!RFC_3339.test(upper)) return undefined;
  try {
    const ms = Temporal.Instant.from(upper).epochMilliseconds;
    return ms >= EARLIEST && ms <= LATEST ? formatInstant(ms) : undefined;
  } catch {
    return undefined;
  }
}

/** @param ms since the epoch */
export const formatInstant = (ms: number): string => new Date(ms).toISOString();
