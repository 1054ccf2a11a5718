import type { CalendarDate } from '@seguridad-abc/contracts';
import { describe, expect, test } from 'vitest';
import { mergeCalendarDates } from './merge-calendar-dates.js';

const EVENING = { opensAt: '18:00', closesAt: '22:00', openBy: null };
const MORNING = { opensAt: '08:00', closesAt: '12:00', openBy: '08:30' };
const createDate = (
  date: string,
  label: string | null,
  windows: CalendarDate['windows'] = [],
): CalendarDate => ({
  date,
  label,
  windows,
});
const EXISTING = [createDate('2027-01-01', 'New Year', [MORNING]), createDate('2027-05-01', 'May')];
const LABELS = new Map([
  ['2027-01-01', 'A\u00f1o Nuevo'],
  ['2027-03-01', null],
  ['2027-12-25', 'Navidad'],
]);

const merge = (isReplacing: boolean, windows: CalendarDate['windows'] = []) =>
  mergeCalendarDates(EXISTING, LABELS, { windows, isReplacing }).map(({ date, outcome }) => [outcome, date]);

describe('mergeCalendarDates', () => {
  test('adds dates in order and keeps those that exist', () => {
    expect(merge(false)).toEqual([
      ['kept', EXISTING[0]],
      ['added', createDate('2027-03-01', null)],
      [undefined, EXISTING[1]],
      ['added', createDate('2027-12-25', 'Navidad')],
    ]);
  });

  test('replaces dates that exist', () => {
    expect(merge(true, [EVENING])).toEqual([
      ['replaced', createDate('2027-01-01', 'A\u00f1o Nuevo', [EVENING])],
      ['added', createDate('2027-03-01', null, [EVENING])],
      [undefined, EXISTING[1]],
      ['added', createDate('2027-12-25', 'Navidad', [EVENING])],
    ]);
  });

  test.each([
    ['label', { label: 'Other' }],
    ['windows', { windows: [EVENING] }],
    ['openBy', { windows: [{ ...MORNING, openBy: null }] }],
  ])('a date that differs in its %s is replaced, an equal one is kept', (_, difference) => {
    const outcomes = [createDate('2027-01-01', 'New Year', [MORNING]), { ...EXISTING[0], ...difference }].map(
      (present) =>
        mergeCalendarDates([present as CalendarDate], new Map([['2027-01-01', 'New Year']]), {
          windows: [MORNING],
          isReplacing: true,
        }).map(({ outcome }) => outcome),
    );
    expect(outcomes).toEqual([['kept'], ['replaced']]);
  });
});
