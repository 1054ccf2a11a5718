import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WEEKDAYS } from '@seguridad-abc/contracts';
import { buildSchema, isInputObjectType } from 'graphql';
import { RULE_SELECTION } from '../csv/rule-columns.mjs';
import { PROJECT_FOLDER } from '../shared/project-files.mjs';
import { getResponseData } from './graphql-client.mjs';

/** The fields of a rule that commands read. Use it as `...RuleFields`. */
export const RULE_FRAGMENT = `fragment RuleFields on Rule {
  id ${RULE_SELECTION}
}`;

/** The fields of an alarm that commands read. Use it as `...AlarmFields`. */
export const ALARM_FRAGMENT = `fragment AlarmFields on Alarm {
  id user { id } rule { id name } opening kind severity status raisedAt clearedAt acknowledgedAt acknowledgedBy note
  reason
}`;

/** Page size of lists: the largest that the API accepts. */
export const MAX_PAGE_SIZE = 200;

/**
 * @typedef {{ id: string } & import('../csv/rule-columns.mjs').ExportedRule} Rule the fields of {@link RULE_FRAGMENT}
 *
 * @typedef {object} Alarm the fields of {@link ALARM_FRAGMENT}
 * @property {string} id
 * @property {{ id: string }} user
 * @property {{ id: string, name: string }} rule
 * @property {string} opening
 * @property {string} kind
 * @property {string} severity
 * @property {string} status
 * @property {string} raisedAt
 * @property {string | null} clearedAt
 * @property {string | null} acknowledgedAt
 * @property {string | null} acknowledgedBy
 * @property {string | null} note
 * @property {string} reason
 *
 * @typedef {{ hasNextPage: boolean, endCursor: string | null }} PageInfo
 */

const RULES_OF_USER = `query ($userId: ID!, $filter: RuleFilter, $after: String) {
  user(id: $userId) {
    rules(first: ${MAX_PAGE_SIZE}, after: $after, filter: $filter) {
      nodes { ...RuleFields }
      pageInfo { hasNextPage endCursor }
    }
  }
}
${RULE_FRAGMENT}`;

/**
 * Reads all rules of a user, page by page.
 *
 * @param {import('./graphql-client.mjs').GraphQLClient} client
 * @param {string} userId
 * @param {{ filter?: Record<string, unknown>, consistencyToken?: string | undefined }} [options] `filter` is a
 *   `RuleFilter` of the API
 * @returns {Promise<Rule[]>} empty if the user is unknown
 * @throws {import('./graphql-client.mjs').GraphQLRequestError}
 */
export async function readRulesOfUser(client, userId, { filter, consistencyToken } = {}) {
  /** @type {Rule[]} */
  const rules = [];
  /** @type {string | null} */
  let after = null;
  do {
    /** @type {import('./graphql-client.mjs').GraphQLResponse<{ user: { rules: { nodes: Rule[], pageInfo: PageInfo } | null } | null }>} */
    const response = await client.execute(RULES_OF_USER, { userId, filter, after }, consistencyToken);
    const page = getResponseData(response, 'The rules cannot be read').user?.rules;
    rules.push(...(page?.nodes ?? []));
    after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return rules;
}

/** @typedef {{ days: readonly string[], timeZone: string, severity: string, enabled: boolean }} RuleDefaults */

/** @returns {RuleDefaults} the values that the API uses for absent fields of `CreateRuleInput` */
export function readRuleDefaults() {
  const schema = buildSchema(readFileSync(join(PROJECT_FOLDER, 'api.graphql'), 'utf8'));
  const input = schema.getType('CreateRuleInput');
  const fields = isInputObjectType(input) ? Object.values(input.getFields()) : [];
  // `days` is nullable and has no default in the schema: an absent value means all days.
  /** @type {Record<string, unknown>} */
  const defaults = { days: WEEKDAYS };
  for (const { name, defaultValue } of fields) {
    if (defaultValue !== undefined) defaults[name] = defaultValue;
  }
  return /** @type {RuleDefaults} */ (/** @type {unknown} */ (defaults));
}
