import { describe, expect, it } from 'vitest';
import { checkCalendarDates, checkCalendarName, type CalendarDateInput } from './calendar-input-check.js';

const date = (text: string, more: Partial<CalendarDateInput> = {}): CalendarDateInput => ({
  date: text,
  windows: [],
  ...more,
});

const listFaults = (dates: readonly CalendarDateInput[]) => {
  const checked = checkCalendarDates(dates);
  return 'faults' in checked ? checked.faults.map(({ code, path }) => [code, ...path].join(' ')) : [];
};

it('checkCalendarName normalizes a name and rejects an empty one', () => {
  expect(checkCalendarName(' Holidays ')).toEqual({ value: 'Holidays' });
  expect(checkCalendarName(' ')).toMatchObject({ faults: [{ path: ['name'], code: 'EMPTY' }] });
});

describe('checkCalendarDates', () => {
  it('normalizes dates and puts them in order', () => {
    expect(
      checkCalendarDates([
        date('2026-12-25', {
          label: ' Christmas ',
          windows: [{ opensAt: '10:00:00', closesAt: '14:00', openBy: '10:30' }],
        }),
        date('2026-01-01', { label: null }),
      ]),
    ).toEqual({
      value: [
        { date: '2026-01-01', label: null, windows: [] },
        {
          date: '2026-12-25',
          label: 'Christmas',
          windows: [{ opensAt: '10:00', closesAt: '14:00', openBy: '10:30' }],
        },
      ],
    });
  });

  it.each(['1900-01-01', '2024-02-29', '2011-12-30', '2199-12-31'])('accepts %s', (text) => {
    expect(listFaults([date(text)])).toEqual([]);
  });

  it.each([
    ['2026-02-29', 'INVALID'],
    ['2026-02-30', 'INVALID'],
    ['2026-13-01', 'INVALID'],
    ['2026-00-10', 'INVALID'],
    ['2026-1-1', 'INVALID'],
    ['20260101', 'INVALID'],
    ['2026-01-01T00:00:00Z', 'INVALID'],
    [' 2026-01-01', 'INVALID'],
    ['+002026-01-01', 'INVALID'],
    ['', 'INVALID'],
    ['1899-12-31', 'OUT_OF_RANGE'],
    ['2200-01-01', 'OUT_OF_RANGE'],
    ['0000-01-01', 'OUT_OF_RANGE'],
  ])('rejects %j with %s', (text, code) => {
    expect(listFaults([date('2026-01-02'), date(text)])).toEqual([`${code} dates 1 date`]);
  });

  it('rejects a date that occurs again', () => {
    expect(listFaults([date('2026-01-01'), date('2026-01-02'), date('2026-01-01')])).toEqual([
      'REPEATED dates 2 date',
    ]);
  });

  it('reports faults with their path', () => {
    const windows = [
      { opensAt: '08:00', closesAt: '18:00' },
      { opensAt: '8', closesAt: '18:00', openBy: '07:00' },
      { opensAt: '08:00', closesAt: '18:00', openBy: '07:00' },
    ];
    expect(listFaults([date('2026-01-01', { label: 'x'.repeat(121), windows })])).toEqual([
      'TOO_LONG dates 0 label',
      'INVALID dates 0 windows 1 opensAt',
      'OUT_OF_RANGE dates 0 windows 2 openBy',
    ]);
  });

  it('rejects more than 10 windows of a date', () => {
    const windows = (length: number) =>
      Array.from({ length }, () => ({ opensAt: '08:00', closesAt: '18:00' }));
    expect(listFaults([date('2026-01-01', { windows: windows(10) })])).toEqual([]);
    expect(listFaults([date('2026-01-01', { windows: windows(11) })])).toEqual([
      'OUT_OF_RANGE dates 0 windows',
    ]);
  });

  it('rejects more than 2,000 dates, before it checks any', () => {
    const days = Array.from({ length: 2_001 }, (_, day) =>
      date(new Date(day * 86_400_000).toISOString().slice(0, 10)),
    );
    expect(listFaults(days.slice(0, 2_000))).toEqual([]);
    expect(listFaults([date('x'), ...days])).toEqual(['OUT_OF_RANGE dates']);
  });

  it('reports at most 100 faults', () => {
    expect(listFaults(Array.from({ length: 2_000 }, () => date('x')))).toHaveLength(100);
  });
});
