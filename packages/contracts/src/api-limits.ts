import type { RuleDefinition } from './rule.js';

/** The largest number of characters of a user's id: the claim `sub` of a token. */
export const MAX_USER_ID_LENGTH = 128;

/** The largest number of nodes of a page in a Relay connection. */
export const MAX_PAGE_SIZE = 200;

/** The largest number of readings that one `recordReadings` command accepts. */
export const MAX_READINGS_PER_COMMAND = 1_000;

/** The values of the fields that `CreateRuleInput` in the schema of monitoring gives to absent fields. */
export const RULE_INPUT_DEFAULTS = {
  timeZone: 'America/Bogota',
  severity: 'WARNING',
  enabled: true,
} as const satisfies Partial<RuleDefinition>;
