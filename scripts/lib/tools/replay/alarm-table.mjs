import { Failure } from '../../failure.mjs';
import { table } from '../cli/table.mjs';

const PAGE = 200;
const RULES = `query ($userId: ID!, $after: String) {
  rules(filter: { userId: $userId }, first: ${PAGE}, after: $after) {
    nodes { id name opening }
    pageInfo { hasNextPage endCursor }
  }
}`;
const ALARMS = `query ($userId: ID!, $ruleId: ID!) {
  outside: alarms(filter: { userId: $userId, ruleId: $ruleId, kind: OUTSIDE_HOURS, status: [ACTIVE, CLEARED] }) { totalCount }
  tooLong: alarms(filter: { userId: $userId, ruleId: $ruleId, kind: OPEN_TOO_LONG, status: [ACTIVE, CLEARED] }) { totalCount }
}`;

/**
 * @typedef {{ id: string, name: string, opening: string }} Rule
 * @typedef {{ rules: { nodes: Rule[], pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }} Page
 * @typedef {{ outside: { totalCount: number } | null, tooLong: { totalCount: number } | null }} Counts
 */

/**
 * The alarms of a user's rules by kind, as a table. Retracted ones do not count.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {string} userId
 * @param {string | undefined} token of the state that it must show
 * @throws {Failure} where they cannot be read
 */
export async function alarmTable(client, userId, token) {
  const rows = [];
  for (const { id, name, opening } of await rulesOf(client, userId, token)) {
    /** @type {Counts} */
    const { outside, tooLong } = await read(client, ALARMS, { userId, ruleId: id }, token);
    rows.push([name, opening, String(outside?.totalCount ?? '?'), String(tooLong?.totalCount ?? '?')]);
  }
  if (rows.length === 0) return `${userId} has no rules: nothing is judged.`;
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return table(
    [
      { title: 'rule' },
      { title: 'opening' },
      { title: 'OUTSIDE_HOURS', align: 'right' },
      { title: 'OPEN_TOO_LONG', align: 'right' },
    ],
    rows,
  );
}

/** @param {import('../client/http-client.mjs').HttpClient} client @param {string} userId @param {string | undefined} token */
async function rulesOf(client, userId, token) {
  /** @type {Rule[]} */
  const rules = [];
  /** @type {string | null} */
  let after = null;
  do {
    /** @type {Page} */
    const page = await read(client, RULES, { userId, after }, token);
    rules.push(...(page.rules?.nodes ?? []));
    after = page.rules?.pageInfo.hasNextPage ? page.rules.pageInfo.endCursor : null;
  } while (after !== null);
  return rules;
}

/**
 * @template Data
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {string} query
 * @param {Record<string, unknown>} variables
 * @param {string | undefined} token
 * @returns {Promise<Data>}
 */
async function read(client, query, variables, token) {
  /** @type {import('../client/http-client.mjs').Answer<Data>} */
  const { data, errors } = await client.ask(query, variables, token);
  if (!data || errors) throw new Failure(`The alarms cannot be read: ${errors?.[0]?.message ?? 'no data'}`);
  return data;
}
