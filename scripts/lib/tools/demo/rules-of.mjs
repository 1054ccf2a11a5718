import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../failure.mjs';
import { table } from '../cli/table.mjs';

const QUERY = `query ($userId: ID!) {
  user(id: $userId) {
    rules(first: 50) { totalCount nodes { name opening opensAt closesAt days maxOpenSeconds timeZone severity } }
  }
}`;
const RETRY_MS = 20;

/**
 * @typedef {object} Rule
 * @property {string} name
 * @property {string} opening
 * @property {string | null} opensAt
 * @property {string | null} closesAt
 * @property {readonly string[]} days
 * @property {number | null} maxOpenSeconds
 * @property {string} timeZone
 * @property {string} severity
 */

/** @typedef {import('../client/http-client.mjs').Answer<{ user: { rules: { totalCount: number, nodes: Rule[] } } | null }>} Answer */

/**
 * Reads a user's rules, until there are so many.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {string} userId
 * @param {number} count
 * @param {AbortSignal} signal
 */
export async function readRulesOf(client, userId, count, signal) {
  for (;;) {
    /** @type {Answer} */
    const { data, errors } = await client.ask(QUERY, { userId });
    if (errors?.[0]) throw new Failure(`The rules cannot be read: ${errors[0].message}`);
    if (data?.user?.rules.totalCount === count) return data.user.rules.nodes;
    await sleep(RETRY_MS, undefined, { signal });
  }
}

const COLUMNS = ['name', 'opening', 'hours', 'days', 'timer', 'zone', 'severity'].map((title) => ({ title }));

/** @param {readonly Rule[]} rules */
export const ruleTable = (rules) =>
  table(
    COLUMNS,
    rules.map(({ name, opening, opensAt, closesAt, days, maxOpenSeconds, timeZone, severity }) => [
      name,
      opening,
      opensAt === null ? '-' : `${opensAt}-${closesAt ?? ''}`,
      opensAt === null ? '-' : daysOf(days),
      maxOpenSeconds === null ? '-' : `${maxOpenSeconds} s`,
      timeZone,
      severity,
    ]),
  );

/** @param {readonly string[]} days */
function daysOf(days) {
  if (days.length === 7) return 'all';
  if (days.length === 0) return 'never';
  return days.map((day) => `${day.charAt(0)}${day.slice(1, 3).toLowerCase()}`).join(' ');
}
