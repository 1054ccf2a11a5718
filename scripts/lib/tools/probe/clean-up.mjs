import { concurrently } from '../cli/concurrently.mjs';
import { NotReachable } from '../cli/exit.mjs';
import { sendPatiently } from '../client/send-patiently.mjs';

const DELETE = 'mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }';
const REST = `query ($userId: ID!, $after: String) {
  user(id: $userId) { rules(first: 200, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
}`;
const CONCURRENCY = 16;

/** @typedef {{ nodes: { id: string }[], pageInfo: { hasNextPage: boolean, endCursor: string | null } }} Page */
/** @typedef {import('../client/http-client.mjs').Answer<{ user: { rules: Page | null } | null }>} Rest */

/**
 * Deletes what a round has made.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {string} userId
 * @param {Pick<import('./round.mjs').Round, 'created' | 'unsure'>} round
 * @returns {Promise<string | undefined>} what is left, in a clause
 */
export async function cleanUp(client, userId, { created, unsure }) {
  const left = new Set(created);
  // Also an interrupted run deletes to the end; a second Ctrl-C ends it.
  const { signal } = new AbortController();
  const remove = (/** @type {readonly string[]} */ ids) =>
    concurrently(ids, { concurrency: CONCURRENCY }, async (id) => {
      const { errors } = await sendPatiently(() => client.ask(DELETE, { id }), signal);
      // One that was deleted already, though the answer was lost, is not found.
      if (!errors || errors[0]?.extensions?.code === 'NOT_FOUND') left.delete(id);
    });
  try {
    await remove(created);
    if (unsure) {
      const known = new Set(created);
      const rest = (await readRest(client, userId)).filter((id) => !known.has(id));
      for (const id of rest) left.add(id);
      await remove(rest);
    }
  } catch (error) {
    if (!(error instanceof NotReachable)) throw error;
    if (left.size === 0) return `perhaps rules of the user ${userId} (${error.message})`;
  }
  return left.size > 0 ? `${left.size} rules of the user ${userId}` : undefined;
}

/**
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {string} userId
 * @returns {Promise<string[]>} ids of the rules that reports has of the user
 */
async function readRest(client, userId) {
  /** @type {string[]} */
  const ids = [];
  /** @type {string | null | undefined} */
  let after;
  do {
    /** @type {Rest} */
    const { data, errors } = await client.ask(REST, { userId, after });
    if (errors?.[0]) throw new NotReachable(errors[0].message);
    const page = data?.user?.rules;
    ids.push(...(page?.nodes.map(({ id }) => id) ?? []));
    after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
}
