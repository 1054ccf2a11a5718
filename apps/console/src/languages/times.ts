import { getFormatLocale } from './language';

/** Names a time zone by its city: `Bogota` for `America/Bogota`. */
export const getZoneCity = (timeZone: string): string =>
  (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ');

const format = (language: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(getFormatLocale(language), options);

const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const DATE_AND_TIME: Intl.DateTimeFormatOptions = { ...TIME, day: 'numeric', month: 'short' };

const isSameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

/** The time of an instant, with its date unless it is today. `timeZone` is by default that of the browser. */
export function formatInstant(at: string, language: string, now: number, timeZone?: string): string {
  const instant = new Date(at);
  const options = isSameDay(instant, new Date(now)) ? TIME : DATE_AND_TIME;
  return format(language, { ...options, ...(timeZone !== undefined && { timeZone }) }).format(instant);
}

/** The date, time with seconds, and zone of an instant. */
export const formatFullInstant = (at: string, language: string): string =>
  format(language, { dateStyle: 'full', timeStyle: 'long' }).format(new Date(at));

/** Whether the clocks of two zones differ at an instant. */
export const hasOtherClock = (at: string, timeZone: string): boolean => {
  const instant = new Date(at);
  const read = (zone?: string) =>
    new Intl.DateTimeFormat('en', {
      dateStyle: 'short',
      timeStyle: 'short',
      ...(zone !== undefined && { timeZone: zone }),
    }).format(instant);
  return read() !== read(timeZone);
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS = [
  { unit: 'day', milliseconds: DAY_MS },
  { unit: 'hour', milliseconds: HOUR_MS },
  { unit: 'minute', milliseconds: MINUTE_MS },
  { unit: 'second', milliseconds: SECOND_MS },
] as const;

/** A duration in its greatest unit: `5 min`, `3 h`. */
export function formatDuration(durationMs: number, language: string): string {
  const rounded = Math.max(0, durationMs);
  const { unit, milliseconds } =
    UNITS.find((each) => rounded >= each.milliseconds) ??
    ({ unit: 'second', milliseconds: SECOND_MS } as const);
  return new Intl.NumberFormat(getFormatLocale(language), {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 0,
  }).format(Math.floor(rounded / milliseconds));
}

/** How long ago an instant is: `5 min ago`. */
export function formatAge(at: string, language: string, now: number): string {
  const ageMs = Math.max(0, now - Date.parse(at));
  const { unit, milliseconds } =
    UNITS.find((each) => ageMs >= each.milliseconds) ??
    ({ unit: 'second', milliseconds: SECOND_MS } as const);
  return new Intl.RelativeTimeFormat(getFormatLocale(language), { numeric: 'always', style: 'short' }).format(
    -Math.floor(ageMs / milliseconds),
    unit,
  );
}

/** A share from 0 to 1 in percent, rounded down so that 100 % means all of it. */
export const formatShare = (share: number, language: string): string =>
  new Intl.NumberFormat(getFormatLocale(language), {
    style: 'percent',
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
    roundingMode: 'trunc',
  }).format(share);
