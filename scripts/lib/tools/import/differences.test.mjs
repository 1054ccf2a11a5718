import { describe, expect, test } from 'vitest';
import { differencesOf } from './differences.mjs';

const WEEK = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const rule = {
  ...{ opensAt: '08:00', closesAt: '18:00', days: WEEK, maxOpenSeconds: null, timeZone: 'America/Bogota' },
  ...{ severity: 'WARNING', enabled: true, effectiveFrom: '2026-01-01T05:00:00.000Z' },
};
const input = { opensAt: '08:00', closesAt: '18:00', maxOpenSeconds: null };

describe('differencesOf', () => {
  test.each([
    ['what is not said is the default', {}],
    ['seconds that are 0 need not be said', { opensAt: '08:00:00' }],
    ['all seven days, in any order', { days: WEEK.toReversed() }],
    ['a zone in another case', { timeZone: 'america/bogota' }],
    ['the same instant with another offset', { effectiveFrom: '2026-01-01T00:00:00-05:00' }],
  ])('none: %s', (_, said) => {
    expect(differencesOf({ ...input, ...said }, rule)).toEqual([]);
  });

  test.each([
    ['opensAt', '09:00', '08:00', '09:00'],
    ['closesAt', null, '18:00', 'empty'],
    ['days', ['MONDAY', 'SUNDAY'], WEEK.join('|'), 'MONDAY|SUNDAY'],
    ['days', [], WEEK.join('|'), 'no day'],
    ['maxOpenSeconds', 60, 'empty', '60'],
    ['timeZone', 'Europe/Madrid', 'America/Bogota', 'Europe/Madrid'],
    ['severity', 'INFO', 'WARNING', 'INFO'],
    ['enabled', false, 'true', 'false'],
    ['effectiveFrom', '2026-01-01T00:00:00Z', '2026-01-01T05:00:00.000Z', '2026-01-01T00:00:00Z'],
  ])('%s', (column, value, there, here) => {
    expect(differencesOf({ ...input, [column]: value }, rule)).toEqual([{ column, there, here }]);
  });

  test('an existing zone that is not the default, where the row says none', () => {
    expect(differencesOf(input, { ...rule, timeZone: 'Europe/Madrid' })).toMatchObject([
      { column: 'timeZone' },
    ]);
  });

  test('days are compared as a set', () => {
    const days = ['FRIDAY', 'MONDAY'];
    expect(differencesOf({ ...input, days }, { ...rule, days: days.toReversed() })).toEqual([]);
  });

  test('days that are not said are all seven', () => {
    expect(differencesOf(input, { ...rule, days: [] })).toEqual([
      { column: 'days', there: 'no day', here: WEEK.join('|') },
    ]);
  });

  test('without hours days say nothing', () => {
    const timer = { opensAt: null, closesAt: null, maxOpenSeconds: 60 };
    expect(differencesOf({ ...timer, days: [] }, { ...rule, ...timer })).toEqual([]);
  });
});
