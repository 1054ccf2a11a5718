import { expect, it } from 'vitest';
import { ruleConditionsSchema } from './rule.js';
import { hasEqualFields, pickFields } from './schema-fields.js';
import { createRuleState } from './testing/index.js';

const SHOP_HOURS = [{ days: ['MONDAY' as const], opensAt: '08:00', closesAt: '18:00', openBy: null }];

it('pickFields copies exactly the fields of the schema', () => {
  expect(
    pickFields(ruleConditionsSchema, createRuleState({ windows: SHOP_HOURS, name: 'Other' })),
  ).toStrictEqual({
    windows: SHOP_HOURS,
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
  const rule = createRuleState();
  expect(hasEqualFields(ruleConditionsSchema, rule, createRuleState({ name: 'Other', version: 2 }))).toBe(
    true,
  );
  expect(hasEqualFields(ruleConditionsSchema, rule, createRuleState({ windows: [] }))).toBe(false);
  expect(hasEqualFields(ruleConditionsSchema, rule, createRuleState({ timeZone: 'null' }))).toBe(false);
});
