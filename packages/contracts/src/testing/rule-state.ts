import { ruleStateSchema, type RuleState } from '../rule.js';

/** Fields with a default in the schema have that default. */
const SHOP_DOOR_RULE = ruleStateSchema.parse({
  id: 'rule-1',
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  windows: null,
  timeZone: 'America/Bogota',
  maxOpenSeconds: 60,
  severity: 'WARNING',
  enabled: true,
  effectiveFrom: '2026-01-31T08:00:00.000Z',
  createdAt: '2026-01-31T08:00:00.000Z',
  updatedAt: '2026-01-31T08:00:00.000Z',
  deletedAt: null,
  version: 1,
});

/** A valid rule for tests: the shop door of `ana` may be open for 60 seconds. */
export const createRuleState = (overrides: Partial<RuleState> = {}): RuleState => ({
  ...SHOP_DOOR_RULE,
  ...overrides,
});
