import { Temporal } from 'temporal-polyfill';

const OFFSET_PATTERN = /(?:Z|[+-]\d{2}:\d{2})$/i;
/** Spreadsheets write `2026-01-31 8:00` for `2026-01-31 08:00`. */
const SHORT_HOUR_PATTERN = /T(?=\d:)/;

/**
 * Converts a time to an instant in UTC with milliseconds. A time without an offset is wall-clock time. One that a clock change
 * skips or repeats is resolved as by Temporal's [`compatible`](https://tc39.es/proposal-temporal/docs/timezone.html).
 * @param text such as `2026-01-31T08:00:00` or `2026-01-31T08:00:00-05:00`
 * @param timeZone IANA name, for a time without an offset
 * @returns undefined if the text is no time
 */
export function toInstant(text: string, timeZone: string): string | undefined {
  const time = text.trim().replace(' ', 'T').replace(SHORT_HOUR_PATTERN, 'T0');
  try {
    const { epochMilliseconds } = OFFSET_PATTERN.test(time)
      ? Temporal.Instant.from(time)
      : Temporal.PlainDateTime.from(time).toZonedDateTime(timeZone);
    return new Date(epochMilliseconds).toISOString();
  } catch {
    return undefined;
  }
}

/** Whether a text is a date of the calendar, such as `2026-01-31`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}
