import { expect, test } from 'vitest';
import { readFilter } from './filters.mjs';

test('options are fields of the filter', () => {
  expect(
    readFilter('alarms', {
      user: 'ana',
      rule: 'r1',
      kind: 'open_too_long',
      severity: 'info, CRITICAL',
      status: 'active',
      acknowledged: 'false',
      from: '2026-01-01T00:00:00Z',
    }),
  ).toStrictEqual({
    userId: 'ana',
    ruleId: 'r1',
    kind: 'OPEN_TOO_LONG',
    severity: ['INFO', 'CRITICAL'],
    status: ['ACTIVE'],
    acknowledged: false,
    raisedFrom: '2026-01-01T00:00:00Z',
  });
  expect(readFilter('rules', { enabled: 'true', search: 'door' })).toStrictEqual({
    enabled: true,
    search: 'door',
  });
});

test('those of the other list, and no flag, are refused', () => {
  expect(() => readFilter('rules', { kind: 'OPEN_TOO_LONG' })).toThrow('--kind is no filter of rules');
  expect(() => readFilter('alarms', { enabled: 'true' })).toThrow('--enabled is no filter of alarms');
  expect(() => readFilter('rules', { enabled: 'yes' })).toThrow('--enabled must be true or false');
});
