import { expect, it } from 'vitest';
import { ruleConditionsSchema } from './rule.js';
import { hasEqualFields, pickFields } from './schema-fields.js';
import { createRuleState } from './testing/index.js';

const WINDOW = { days: ['MONDAY' as const], opensAt: '08:00', closesAt: '18:00', openBy: null };

it('pickFields copies exactly the fields of the schema', () => {
  expect(pickFields(ruleConditionsSchema, createRuleState({ windows: [WINDOW] }))).toStrictEqual({
    windows: [WINDOW],
    calendarId: null,
    timeZone: 'America/Bogota',
    graceSeconds: 0,
    maxOpenSeconds: 60,
    activeWindows: null,
    silentAfterSeconds: null,
    onTamper: false,
    onBatteryLow: false,
  });
});

it('hasEqualFields compares the fields of the schema by value', () => {
  const rule = createRuleState({ windows: [WINDOW] });
  const isEqual = (changes: Parameters<typeof createRuleState>[0]) =>
    hasEqualFields(ruleConditionsSchema, rule, createRuleState({ windows: [{ ...WINDOW }], ...changes }));
  expect(isEqual({ name: 'Other', version: 2 })).toBe(true);
  expect(isEqual({ graceSeconds: 1 })).toBe(false);
  expect(isEqual({ windows: [{ ...WINDOW, opensAt: '08:01' }] })).toBe(false);
  expect(isEqual({ windows: null })).toBe(false);
});
