import { formatInstant } from '@seguridad-abc/contracts';
import { normalizeTimeZone, resolveLeapSecond } from '@seguridad-abc/evaluation';
import { Temporal } from 'temporal-polyfill';

/** The instant of a timestamp in UTC with milliseconds, or why it cannot be read. */
export type ParsedTimestamp =
  | {
      readonly at: string;
      /** The second instant of a wall-clock time that clocks show twice, because they go back. `at` is the first one. */
      readonly secondAt?: string;
    }
  | {
      /** A sentence without its end, after "the value must be a time like …:". */
      readonly fault: string;
    };

/**
 * The timestamps of RFC 3339, RFC 9557 (a zone in brackets), ISO 8601 in its extended and basic formats, PostgreSQL, and
 * spreadsheets (`8:00`). The hyphens of offsets may be minus signs, as ISO 8601 writes them.
 */
const TIMESTAMP = new RegExp(
  [
    /^(?<date>\d{4}-\d{2}-\d{2}|\d{8})(?:T| +)/,
    /(?<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?|\d{4}(?:\d{2}(?:[.,]\d+)?)?)/,
    / *(?<offset>Z|UTC|GMT|[+\-\u2212]\d{2}(?::?\d{2}(?::?\d{2})?)?)?/,
    / *(?<brackets>(?:\[[^[\]]*\])*)$/,
  ]
    .map(({ source }) => source)
    .join(''),
  'i',
);

/** Recognizable texts that are no timestamp, and what to do about them. */
const UNREADABLE_FORMS: readonly (readonly [form: RegExp, fault: string])[] = [
  [/^(?:\d{4}-\d{2}-\d{2}|\d{8})$/, 'a date alone is no time, add the time of day'],
  [/^\d{4}-?W\d{2}/i, 'week dates are not read, write the date as yyyy-mm-dd'],
  [/^\d{4}-?\d{3}(?:[T ]|$)/i, 'ordinal dates are not read, write the date as yyyy-mm-dd'],
  [/\d *[ap]\.?\s*m\.?(?:\W|$)/i, 'write the hours from 00 to 23'],
  [
    /:\d{2}(?:[.,]\d+)? *[a-z]{2,5}$/i,
    'the abbreviation of a zone is not read, write the offset, such as -05:00',
  ],
];
const OTHER_FORM_FAULT = 'in Excel, format the column as yyyy-mm-dd hh:mm';

/**
 * Parses a timestamp. One without an offset is wall-clock time. A time that a clock change skips is resolved as by Temporal's
 * [`compatible`](https://tc39.es/proposal-temporal/docs/timezone.html), and fractions of a millisecond are cut off.
 * @param text such as `2026-01-31T08:00:00`, `2026-01-31 08:00:00.25-05` or `2026-01-31T08:00:00[America/Bogota]`
 * @param timeZone IANA name, for a time without an offset and zone
 */
export function parseTimestamp(text: string, timeZone: string): ParsedTimestamp {
  const trimmed = text.trim();
  const { date, time, offset, brackets } = TIMESTAMP.exec(trimmed)?.groups ?? {};
  if (date === undefined || time === undefined) {
    const [, fault = OTHER_FORM_FAULT] = UNREADABLE_FORMS.find(([form]) => form.test(trimmed)) ?? [];
    return { fault };
  }
  const wallClock = parseWallClock(date, time);
  if (wallClock === undefined) return { fault: 'the calendar has no such date, or the day no such time' };
  const zone = parseBrackets(brackets ?? '');
  if ('fault' in zone) return zone;
  const instants = resolveWallClock(wallClock, offset, zone.name, timeZone);
  if ('fault' in instants) return instants;
  const { at, secondAt } = instants;
  if (wallClock.isLeapSecond) {
    const leapSecond = resolveLeapSecond(at);
    return leapSecond === undefined
      ? { fault: 'this minute has no second 60' }
      : { at: formatInstant(leapSecond) };
  }
  return {
    at: formatInstant(at),
    ...(secondAt !== undefined && secondAt !== at && { secondAt: formatInstant(secondAt) }),
  };
}

/** A wall-clock time. That of a leap second has 59 as its second. */
interface WallClock {
  readonly dateTime: Temporal.PlainDateTime;
  readonly isLeapSecond: boolean;
}

/** @returns undefined if the calendar has no such date, or the day no such time */
function parseWallClock(date: string, time: string): WallClock | undefined {
  const digits = date.replaceAll('-', '');
  const [, hour = '', minute = '', second = '0', fraction = ''] =
    /^(\d{1,2}):?(\d{2}):?(\d{2})?(?:[.,](\d+))?$/.exec(time) ?? [];
  const isLeapSecond = second === '60';
  // ISO 8601 writes the end of a day as 24:00.
  const isEndOfDay = hour === '24' && Number(minute) === 0 && Number(second) === 0 && Number(fraction) === 0;
  try {
    const dateTime = Temporal.PlainDateTime.from(
      {
        year: Number(digits.slice(0, 4)),
        month: Number(digits.slice(4, 6)),
        day: Number(digits.slice(6)),
        hour: isEndOfDay ? 0 : Number(hour),
        minute: Number(minute),
        second: isLeapSecond ? 59 : Number(second),
        millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
      },
      { overflow: 'reject' },
    );
    return { dateTime: isEndOfDay ? dateTime.add({ days: 1 }) : dateTime, isLeapSecond };
  } catch {
    return undefined;
  }
}

/** Parses `[Europe/Madrid]`. Other suffixes of RFC 9557, such as a calendar, do not change the instant. */
function parseBrackets(brackets: string): { readonly name: string | undefined } | { readonly fault: string } {
  const [zone, ...others] = [...brackets.matchAll(/\[(!?)([^\]]*)\]/g)].map(([, mark, content = '']) => ({
    isCritical: mark === '!',
    content,
  }));
  const suffixes = zone?.content.includes('=') ? [zone, ...others] : others;
  const unreadable = suffixes.find(({ isCritical, content }) => isCritical || !content.includes('='));
  if (unreadable) return { fault: `[${unreadable.content}] is not read` };
  if (zone === undefined || suffixes.includes(zone)) return { name: undefined };
  const name = normalizeTimeZone(zone.content);
  return name === undefined ? { fault: `[${zone.content}] is no IANA time zone name` } : { name };
}

interface WallClockInstants {
  /** In ms since 1970. */
  readonly at: number;
  readonly secondAt?: number;
}

/**
 * @param offset such as `Z`, `-05` or `+05:30`
 * @param zone in brackets
 * @param defaultZone for a time without both
 */
function resolveWallClock(
  { dateTime }: WallClock,
  offset: string | undefined,
  zone: string | undefined,
  defaultZone: string,
): WallClockInstants | { readonly fault: string } {
  const utcMs = dateTime.toZonedDateTime('UTC').epochMilliseconds;
  if (offset !== undefined) {
    const offsetMs = parseOffset(offset);
    if (offsetMs === undefined) return { fault: `there is no offset ${offset}` };
    const at = utcMs - offsetMs;
    // RFC 9557: Z says nothing about the local time.
    if (zone !== undefined && /\d/.test(offset) && getOffsetMs(at, zone) !== offsetMs) {
      return { fault: `${zone} does not have the offset ${offset} at this time` };
    }
    return { at };
  }
  const resolve = (disambiguation: 'compatible' | 'later') =>
    dateTime.toZonedDateTime(zone ?? defaultZone, { disambiguation }).epochMilliseconds;
  return { at: resolve('compatible'), secondAt: resolve('later') };
}

/** @returns ms; undefined if it has more than 23 hours or 59 minutes or seconds */
function parseOffset(offset: string): number | undefined {
  if (!/\d/.test(offset)) return 0;
  const [hours = 0, minutes = 0, seconds = 0] = (offset.match(/\d{2}/g) ?? []).map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return ((hours * 60 + minutes) * 60 + seconds) * (offset.startsWith('+') ? 1_000 : -1_000);
}

const getOffsetMs = (at: number, timeZone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6;

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
