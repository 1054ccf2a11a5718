import { WEEKDAYS } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { describe, expect, test } from 'vitest';
import { findRuleDifferences } from './rule-differences.js';

const WEEK = [...WEEKDAYS];
const { userId, ...state } = createRuleState({
  ...{ name: 'Caf\u00e9', opening: 'Door', opensAt: '08:00', closesAt: '18:00', maxOpenSeconds: null },
  effectiveFrom: '2026-01-01T05:00:00.000Z',
});
const rule = { ...state, user: { id: userId } };
const input = {
  ...{ name: 'Caf\u00e9', opening: 'Door' },
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
    expect(findRuleDifferences({ ...input, ...fields }, rule)).toEqual([]);
  });

  test('returns nothing for the same leap second', () => {
    const present = { ...rule, effectiveFrom: '2017-01-01T00:00:00.000Z' };
    expect(findRuleDifferences({ ...input, effectiveFrom: '2016-12-31T23:59:60Z' }, present)).toEqual([]);
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
    ['effectiveFrom', '2026-01-01T00:00:00Z', '2026-01-01T05:00:00.000Z', '2026-01-01T00:00:00Z'],
  ])('returns a difference of %s', (column, value, existing, imported) => {
    expect(findRuleDifferences({ ...input, [column]: value }, rule)).toEqual([
      { column, existing, imported },
    ]);
  });

  test('compares an absent zone as the default zone', () => {
    expect(findRuleDifferences(input, { ...rule, timeZone: 'Europe/Madrid' })).toMatchObject([
      { column: 'timeZone' },
    ]);
  });

  test('compares days as a set', () => {
    const days = WEEK.slice(2, 4);
    expect(findRuleDifferences({ ...input, days }, { ...rule, days: days.toReversed() })).toEqual([]);
  });

  test('compares absent days as all seven', () => {
    expect(findRuleDifferences(input, { ...rule, days: [] })).toEqual([
      { column: 'days', existing: 'no day', imported: WEEK.join('|') },
    ]);
  });

  test('ignores days of a rule without hours', () => {
    const timer = { opensAt: null, closesAt: null, maxOpenSeconds: 60 };
    expect(findRuleDifferences({ ...input, ...timer, days: [] }, { ...rule, ...timer })).toEqual([]);
  });
});
