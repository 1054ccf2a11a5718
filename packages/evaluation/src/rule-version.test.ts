import { WEEKDAYS } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { createCalendarDates, deriveShortForm } from './rule-version.js';
import { parseWindow } from './testing/index.js';

describe('deriveShortForm', () => {
  const WITHOUT_TIMES = { opensAt: null, closesAt: null };

  it('repeats the only window', () => {
    expect(deriveShortForm([parseWindow('22:00-06:00/23:00', ['SUNDAY', 'MONDAY'])])).toStrictEqual({
      opensAt: '22:00',
      closesAt: '06:00',
      days: ['MONDAY', 'SUNDAY'],
    });
  });

  it('of several windows has the union of their days, in the order of the week', () => {
    const windows = [
      parseWindow('16:00-20:00', ['FRIDAY', 'MONDAY']),
      parseWindow('09:00-13:00', ['MONDAY', 'TUESDAY']),
    ];
    expect(deriveShortForm(windows)).toStrictEqual({
      ...WITHOUT_TIMES,
      days: ['MONDAY', 'TUESDAY', 'FRIDAY'],
    });
  });

  it('of an empty list has no days', () => {
    expect(deriveShortForm([])).toStrictEqual({ ...WITHOUT_TIMES, days: [] });
  });

  it('without hours has all days', () => {
    expect(deriveShortForm(null)).toStrictEqual({ ...WITHOUT_TIMES, days: [...WEEKDAYS] });
  });
});

it('createCalendarDates finds dates by their day since 1970', () => {
  const date = (text: string) => ({ date: text, label: null, windows: [] });
  const dates = createCalendarDates([date('1970-01-01'), date('1969-12-31'), date('2026-01-05')]);
  expect([0, -1, 20_458, 1].map((day) => dates.get(day)?.date)).toStrictEqual([
    '1970-01-01',
    '1969-12-31',
    '2026-01-05',
    undefined,
  ]);
});
