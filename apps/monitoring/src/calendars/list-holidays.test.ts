import { describe, expect, it } from 'vitest';
import { listHolidays } from './list-holidays.js';

const list = (country: string, region: string | null, ...years: number[]) => {
  const listed = listHolidays({ country, region, years });
  if (typeof listed === 'string') throw new Error(listed);
  return listed.map(({ date, label }) => `${date} ${label ?? ''}`);
};

describe('listHolidays', () => {
  it('lists public holidays in order, in English and without windows', () => {
    const listed = listHolidays({ country: 'CO', region: null, years: [2027, 2026] });
    expect(listed).toContainEqual({ date: '2026-01-01', label: "New Year's Day", windows: [] });
    expect(listed).toContainEqual({ date: '2027-01-11', label: 'Epiphany', windows: [] });
    const dates = typeof listed === 'string' ? [] : listed.map(({ date }) => date);
    expect(dates).toStrictEqual([...new Set(dates)].sort());
  });

  it('lists those of a region, and of a part of it', () => {
    expect(list('DE', null, 2026)).not.toContain('2026-01-06 Epiphany');
    expect(list('DE', 'BY', 2026)).toContain('2026-01-06 Epiphany');
    expect(list('DE', 'BY', 2026)).not.toContain('2026-08-08 Peace Festival');
    expect(list('DE', 'BY.A', 2026).some((holiday) => holiday.startsWith('2026-08-08'))).toBe(true);
  });

  it('lists every whole day of a long holiday, and no half day', () => {
    const turkey = list('TR', null, 2026).filter((holiday) => holiday.includes('Ramadan'));
    expect(turkey.map((holiday) => holiday.slice(0, 10))).toStrictEqual([
      '2026-03-20',
      '2026-03-21',
      '2026-03-22',
    ]);
    // From 13:00 on.
    expect(list('IS', null, 2026).filter((holiday) => holiday.startsWith('2026-12-24'))).toStrictEqual([]);
  });

  it('lists no bank holiday, observance or school holiday', () => {
    const germany = list('DE', null, 2026);
    expect(germany).toContain('2026-12-25 Christmas Day');
    expect(germany.some((holiday) => holiday.startsWith('2026-12-24'))).toBe(false);
  });

  it.each([
    ['XX', null, 'unknownCountry'],
    ['constructor', null, 'unknownCountry'],
    ['DE', 'XX', 'unknownRegion'],
    ['DE', 'BY.XX', 'unknownRegion'],
    ['DE', 'BY.A.A', 'unknownRegion'],
    ['DE', 'toString', 'unknownRegion'],
    ['CO', 'X', 'unknownRegion'],
  ])('does not know %s with the region %s', (country, region, expected) => {
    expect(listHolidays({ country, region, years: [2026] })).toBe(expected);
  });
});
