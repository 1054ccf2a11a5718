import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseOptions } from '../../command-line/option-values.js';
import { createAlarmFilter, createRuleFilter, exportFilterOptions } from './export-filters.js';

const parse = (argv: Readonly<Record<string, string>>) => parseOptions(z.object(exportFilterOptions), argv);

test('options set the fields of the filter', () => {
  expect(
    createAlarmFilter(
      parse({
        user: 'ana',
        rule: 'r1',
        kind: 'open_too_long',
        severity: 'info, CRITICAL',
        status: 'active',
        acknowledged: 'false',
        from: '2026-01-01T00:00:00Z',
      }),
    ),
  ).toStrictEqual({
    userId: 'ana',
    ruleId: 'r1',
    kind: 'OPEN_TOO_LONG',
    severity: ['INFO', 'CRITICAL'],
    status: ['ACTIVE'],
    acknowledged: false,
    raisedFrom: '2026-01-01T00:00:00Z',
  });
  expect(createRuleFilter(parse({ enabled: 'true', search: 'door' }))).toStrictEqual({
    enabled: true,
    search: 'door',
  });
});

test('rejects options of the other list', () => {
  expect(() => createRuleFilter(parse({ kind: 'OPEN_TOO_LONG' }))).toThrow('--kind does not apply to rules');
  expect(() => createAlarmFilter(parse({ enabled: 'true' }))).toThrow('--enabled does not apply to alarms');
});

test.each([
  [{ enabled: 'yes' }, '--enabled must be true or false (it is "yes").'],
  [
    { kind: 'OPEN' },
    '--kind must be one of OUTSIDE_HOURS, OPEN_TOO_LONG, SILENT, NOT_OPENED, TAMPERED, BATTERY_LOW (it is "OPEN").',
  ],
  [{ severity: 'INFO,HIGH' }, '--severity must be a list of INFO,WARNING,CRITICAL (it is "INFO,HIGH").'],
])('rejects %j', (argv, message) => {
  expect(() => parse(argv)).toThrow(message);
});
