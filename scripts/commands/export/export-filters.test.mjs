import { expect, test } from 'vitest';
import { createListFilter } from './export-filters.mjs';

test('options set the fields of the filter', () => {
  expect(
    createListFilter('alarms', {
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
  expect(createListFilter('rules', { enabled: 'true', search: 'door' })).toStrictEqual({
    enabled: true,
    search: 'door',
  });
});

test('rejects options of the other list and invalid booleans', () => {
  expect(() => createListFilter('rules', { kind: 'OPEN_TOO_LONG' })).toThrow(
    '--kind does not apply to rules',
  );
  expect(() => createListFilter('alarms', { enabled: 'true' })).toThrow('--enabled does not apply to alarms');
  expect(() => createListFilter('rules', { enabled: 'yes' })).toThrow('--enabled must be true or false');
});
