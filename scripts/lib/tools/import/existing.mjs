import { setTimeout as sleep } from 'node:timers/promises';

const QUERY = `query ($userId: ID!, $filter: RuleFilter, $after: String) {
  user(id: $userId) {
    rules(first: 200, after: $after, filter: $filter) {
      nodes { id name opensAt closesAt days maxOpenSeconds timeZone severity enabled effectiveFrom }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** A rule that was created just now takes reports a moment to have. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 100;

/** @typedef {{ id: string, name: string } & Record<string, unknown>} Rule */
/** @typedef {{ nodes: Rule[], pageInfo: { hasNextPage: boolean, endCursor: string | null } }} Page */

/**
 * The rule that keeps a row from being created.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {{ userId: string, opening: string, name: string }} key of a rule
 * @returns {Promise<Rule | undefined>} nothing where reports does not tell
 */
export async function findExisting(client, key) {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const rule = await search(client, key);
    if (rule || performance.now() >= until) return rule;
    await sleep(RETRY_MS);
  }
}

/**
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {{ userId: string, opening: string, name: string }} key
 */
async function search(client, { userId, opening, name }) {
  const filter = { opening, search: name };
  /** @type {string | null} */
  let after = null;
  do {
    const page = await ask(client, { userId, filter, after });
    const rule = page?.nodes.find((node) => node.name === canonical(name));
    if (rule) return rule;
    after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return undefined;
}

/** @typedef {import('../client/http-client.mjs').Answer<{ user: { rules: Page | null } | null }>} Answer */

/**
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {Record<string, unknown>} variables
 */
async function ask(client, variables) {
  /** @type {Answer} */
  const { data } = await client.ask(QUERY, variables);
  return data?.user?.rules;
}

/** As the server keeps names. @param {string} name */
const canonical = (name) => name.trim().normalize('NFC');
