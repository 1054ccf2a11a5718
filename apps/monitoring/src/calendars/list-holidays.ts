import type { CalendarDate } from '@seguridad-abc/contracts';
import Holidays, { type HolidaysTypes } from 'date-holidays';
import type { HolidayQuery } from '../domain/holidays-input.js';

/** The holidays of a query, or what the library does not know. */
export type ListedHolidays = CalendarDate[] | 'unknownCountry' | 'unknownRegion';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_HOURS = 24;

/**
 * Lists the public holidays that close a whole day, each date once and in order, with their names in English where the library
 * has them.
 */
export function listHolidays({ country, region, years }: HolidayQuery): ListedHolidays {
  const library = new Holidays();
  if (!hasCode(library.getCountries(), country)) return 'unknownCountry';
  const [state, part, ...rest] = region?.split('.') ?? [];
  const isKnownRegion =
    (state === undefined || hasCode(library.getStates(country), state)) &&
    (part === undefined || hasCode(library.getRegions(country, state ?? ''), part));
  if (!isKnownRegion || rest.length > 0) return 'unknownRegion';
  library.init(country, state, part, { types: ['public'] });
  const labels = new Map<string, string>();
  for (const holiday of years.flatMap((year) => library.getHolidays(year, 'en')))
    for (const date of listWholeDays(holiday)) if (!labels.has(date)) labels.set(date, holiday.name);
  return [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, name]) => ({ date, label: name, windows: [] }));
}

/** The library returns undefined for a country without parts. */
const hasCode = (codes: Readonly<Record<string, string>> | undefined, code: string): boolean =>
  codes !== undefined && Object.hasOwn(codes, code);

/** The dates that a holiday closes. One that starts at noon closes none; one of three days and a half closes three. */
function listWholeDays({ date, start, end, type }: HolidaysTypes.Holiday): string[] {
  const [day = '', time] = date.split(' ');
  if (type !== 'public' || time !== '00:00:00') return [];
  // A day on which the clocks go forward has 23 hours.
  const days = Math.floor(((end.getTime() - start.getTime()) / HOUR_MS + 1) / DAY_HOURS);
  const firstMs = Date.parse(day);
  return Array.from({ length: Math.max(days, 1) }, (_, index) =>
    new Date(firstMs + index * DAY_HOURS * HOUR_MS).toISOString().slice(0, day.length),
  );
}
