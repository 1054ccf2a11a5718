import type { InputFault } from '@seguridad-abc/contracts';
import { createValidResult, type InputCheckResult } from '@seguridad-abc/evaluation';

/** The public holidays that a command adds to a calendar. */
export interface HolidaysInput {
  /** The ISO 3166-1 code of the country, in any letter case. */
  readonly country: string;
  /** A part of the country; a part of that part follows after a dot. Null or absent: the whole country. */
  readonly region?: string | null | undefined;
  readonly years: readonly number[];
}

/** Holidays to look for. The library tells whether it knows the country and the region. */
export interface HolidayQuery {
  readonly country: string;
  readonly region: string | null;
  readonly years: readonly number[];
}

/** The largest number of years of one command. */
export const MAX_HOLIDAY_YEARS = 10;
export const EARLIEST_HOLIDAY_YEAR = 1970;
export const LATEST_HOLIDAY_YEAR = 2100;

/** The codes of the library have at most 15 characters. */
const CODE = /^[A-Z0-9.-]{1,30}$/;

/** Checks what can be checked without the library, and writes codes in upper case. */
export function checkHolidaysInput({
  country,
  region,
  years,
}: HolidaysInput): InputCheckResult<HolidayQuery> {
  const query = {
    country: country.toUpperCase(),
    region: region?.toUpperCase() ?? null,
    years: [...years].sort((a, b) => a - b),
  };
  const faults = [
    ...(CODE.test(query.country) ? [] : [createUnknownCountryFault()]),
    ...(query.region === null || CODE.test(query.region) ? [] : [createUnknownRegionFault()]),
    ...checkYears(years),
  ];
  return faults.length > 0 ? { faults } : createValidResult(query);
}

export const createUnknownCountryFault = (): InputFault => ({
  path: ['holidays', 'country'],
  code: 'INVALID',
  message: 'holidays.country must be the ISO 3166-1 code of a country whose holidays are known, such as CO.',
});

export const createUnknownRegionFault = (): InputFault => ({
  path: ['holidays', 'region'],
  code: 'INVALID',
  message: 'holidays.region must be a part of the country, such as BY for DE-BY.',
});

function checkYears(years: readonly number[]): readonly InputFault[] {
  const path = ['holidays', 'years'];
  if (years.length === 0 || years.length > MAX_HOLIDAY_YEARS) {
    const message = `holidays.years must have 1 to ${MAX_HOLIDAY_YEARS} years; it has ${years.length}.`;
    return [{ path, code: 'OUT_OF_RANGE', message }];
  }
  return years.flatMap((year, index): InputFault[] => {
    if (year < EARLIEST_HOLIDAY_YEAR || year > LATEST_HOLIDAY_YEAR) {
      const message = `holidays.years must be from ${EARLIEST_HOLIDAY_YEAR} to ${LATEST_HOLIDAY_YEAR}.`;
      return [{ path: [...path, index], code: 'OUT_OF_RANGE', message }];
    }
    if (years.indexOf(year) === index) return [];
    return [
      { path: [...path, index], code: 'REPEATED', message: `holidays.years has ${year} more than once.` },
    ];
  });
}
