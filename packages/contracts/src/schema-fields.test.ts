import { expect, it } from 'vitest';
import { ruleConditionsSchema } from './rule.js';
import { hasEqualFields, pickFields } from './schema-fields.js';
import { createRuleState } from './testing/index.js';

it('pickFields copies exactly the fields of the schema', () => {
  expect(
    pickFields(ruleConditionsSchema, createRuleState({ opensAt: '08:00', closesAt: '18:00' })),
  ).toStrictEqual({
    opensAt: '08:00',
    closesAt: '18:00',
    days: createRuleState().days,
    timeZone: 'America/Bogota',
    maxOpenSeconds: 60,
  });
});

it('hasEqualFields compares the fields of the schema by value', () => {
  const rule = createRuleState();
  expect(hasEqualFields(ruleConditionsSchema, rule, createRuleState({ name: 'Other', version: 2 }))).toBe(
    true,
  );
  expect(hasEqualFields(ruleConditionsSchema, rule, createRuleState({ days: ['MONDAY'] }))).toBe(false);
  expect(hasEqualFields(ruleConditionsSchema, rule, createRuleState({ opensAt: 'null' }))).toBe(false);
});
