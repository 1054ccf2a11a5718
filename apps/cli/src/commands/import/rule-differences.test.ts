import { WEEKDAYS, type Window } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { describe, expect, test } from 'vitest';
import type { RuleColumnsFragment } from '../../graphql/generated.js';
import { findRuleDifferences } from './rule-differences.js';

const WEEK = [...WEEKDAYS];
const HOURS: Window = { days: WEEK, opensAt: '08:00', closesAt: '18:00', openBy: null };
const EVENING: Window = {
  days: ['SATURDAY', 'SUNDAY'],
  opensAt: '20:00',
  closesAt: '02:00',
  openBy: '21:00',
};
const { userId, ...state } = createRuleState({
  ...{ name: 'Caf\u00e9', opening: 'Door', windows: [HOURS], maxOpenSeconds: null },
  effectiveFrom: '2026-01-01T05:00:00.000Z',
});
const rule: RuleColumnsFragment = { ...state, calendar: null, user: { id: userId } };
const row = {
  ...{ name: 'Caf\u00e9', opening: 'Door', calendar: null },
  ...{ opensAt: '08:00', closesAt: '18:00', maxOpenSeconds: null },
};

describe('findRuleDifferences', () => {
  test.each([
    ['absent fields have their defaults', {}],
    ['the same user', { userId: 'ana' }],
    ['texts that the server trims and normalizes', { name: ' Cafe\u0301 ', opening: ' Door' }],
    ['seconds of 0', { opensAt: '08:00:00' }],
    ['all seven days in another order', { days: WEEK.toReversed() }],
    ['a zone in another case', { timeZone: 'america/bogota' }],
    ['the same instant with another offset', { effectiveFrom: '2026-01-01T00:00:00-05:00' }],
    ['the same instant with a fraction that is not stored', { effectiveFrom: '2026-01-01T05:00:00.0009Z' }],
    ['names in other spaces', { name: '\u00A0\u3000Caf\u00e9\u2003', opening: '\uFEFFDoor\u00A0' }],
  ])('returns nothing for %s', (_, fields) => {
    expect(findRuleDifferences({ ...row, ...fields }, rule)).toEqual([]);
  });

  test('returns nothing for the same leap second', () => {
    const present = { ...rule, effectiveFrom: '2017-01-01T00:00:00.000Z' };
    expect(findRuleDifferences({ ...row, effectiveFrom: '2016-12-31T23:59:60Z' }, present)).toEqual([]);
  });

  test.each([
    ['userId', 'bea', 'ana', 'bea'],
    ['name', 'Day', 'Caf\u00e9', 'Day'],
    ['opening', 'door', 'Door', 'door'],
    ['opensAt', '09:00', '08:00', '09:00'],
    ['closesAt', null, '18:00', 'empty'],
    ['days', ['MONDAY', 'SUNDAY'], WEEK.join('|'), 'MONDAY|SUNDAY'],
    ['days', [], WEEK.join('|'), 'no day'],
    ['maxOpenSeconds', 60, 'empty', '60'],
    ['timeZone', 'Europe/Madrid', 'America/Bogota', 'Europe/Madrid'],
    ['severity', 'INFO', 'WARNING', 'INFO'],
    ['enabled', false, 'true', 'false'],
    ['calendar', 'Holidays', 'empty', 'Holidays'],
    ['graceSeconds', 60, '0', '60'],
    ['activeWindows', [EVENING], 'empty', 'SAT,SUN 20:00-02:00 open by 21:00'],
    ['activeWindows', [], 'empty', 'never'],
    ['silentAfterSeconds', 3_600, 'empty', '3600'],
    ['onTamper', true, 'false', 'true'],
    ['onBatteryLow', true, 'false', 'true'],
    ['effectiveFrom', '2026-01-01T00:00:00Z', '2026-01-01T05:00:00.000Z', '2026-01-01T00:00:00Z'],
  ])('returns a difference of %s', (column, value, existing, imported) => {
    expect(findRuleDifferences({ ...row, [column]: value }, rule)).toEqual([{ column, existing, imported }]);
  });

  test('compares an absent zone as the default zone', () => {
    expect(findRuleDifferences(row, { ...rule, timeZone: 'Europe/Madrid' })).toMatchObject([
      { column: 'timeZone' },
    ]);
  });

  test('compares days as a set', () => {
    const days = WEEK.slice(2, 4);
    expect(
      findRuleDifferences({ ...row, days }, { ...rule, windows: [{ ...HOURS, days: days.toReversed() }] }),
    ).toEqual([]);
  });

  test('compares absent days as all seven', () => {
    expect(findRuleDifferences(row, { ...rule, windows: [{ ...HOURS, days: [] }] })).toEqual([
      { column: 'days', existing: 'no day', imported: WEEK.join('|') },
    ]);
  });

  test('ignores days of a rule without hours', () => {
    const timer = { opensAt: null, closesAt: null, days: [], maxOpenSeconds: 60 };
    expect(findRuleDifferences({ ...row, ...timer }, { ...rule, windows: null, maxOpenSeconds: 60 })).toEqual(
      [],
    );
  });

  test('compares the name of the calendar', () => {
    const withCalendar = { ...rule, calendar: { id: 'calendar-1', name: 'Holidays' } };
    expect(findRuleDifferences({ ...row, calendar: ' Holidays' }, withCalendar)).toEqual([]);
    expect(findRuleDifferences(row, withCalendar)).toEqual([
      { column: 'calendar', existing: 'Holidays', imported: 'empty' },
    ]);
  });
});

describe('if the row or the rule has a list of windows, the column is windows', () => {
  const withoutHours = { ...row, opensAt: undefined, closesAt: undefined };

  test.each<[string, Window[] | null, Window[] | null]>([
    ['one window', [HOURS], [HOURS]],
    ['windows in another order', [EVENING, HOURS], [HOURS, EVENING]],
    ['no window', [], []],
    ['no hours', null, null],
  ])('%s is no difference', (_case, windows, existing) => {
    expect(findRuleDifferences({ ...withoutHours, windows }, { ...rule, windows: existing })).toEqual([]);
  });

  test.each<[Window[] | null, Window[] | null, string, string]>([
    [[HOURS], null, 'empty', 'MON-SUN 08:00-18:00'],
    [null, [HOURS], 'MON-SUN 08:00-18:00', 'empty'],
    [[], [HOURS], 'MON-SUN 08:00-18:00', 'never'],
    [
      [HOURS],
      [HOURS, EVENING],
      'MON-SUN 08:00-18:00; SAT,SUN 20:00-02:00 open by 21:00',
      'MON-SUN 08:00-18:00',
    ],
  ])('%j is not %j', (windows, present, existing, imported) => {
    expect(findRuleDifferences({ ...withoutHours, windows }, { ...rule, windows: present })).toEqual([
      { column: 'windows', existing, imported },
    ]);
  });

  test('a row with one window differs from a rule with several', () => {
    expect(findRuleDifferences(row, { ...rule, windows: [HOURS, EVENING] })).toEqual([
      {
        column: 'windows',
        existing: 'MON-SUN 08:00-18:00; SAT,SUN 20:00-02:00 open by 21:00',
        imported: 'MON-SUN 08:00-18:00',
      },
    ]);
  });
});
