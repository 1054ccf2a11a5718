import { concurrently } from '../cli/concurrently.mjs';
import { NotReachable } from '../cli/exit.mjs';
import { sendPatiently } from '../client/send-patiently.mjs';

const DELETE = 'mutation ($id: ID!) { deleteRule(input: { id: $id }) { rule { id } } }';
const REST = 'query ($userId: ID!) { user(id: $userId) { rules(first: 200) { nodes { id } } } }';
const CONCURRENCY = 16;

/** @typedef {import('../client/http-client.mjs').Answer<{ user: { rules: { nodes: { id: string }[] } | null } | null }>} Rest */

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
      /** @type {Rest} */
      const { data } = await client.ask(REST, { userId });
      const rest = data?.user?.rules?.nodes.map(({ id }) => id).filter((id) => !created.includes(id)) ?? [];
      for (const id of rest) left.add(id);
      await remove(rest);
    }
  } catch (error) {
    if (!(error instanceof NotReachable)) throw error;
    if (left.size === 0) return `perhaps rules of the user ${userId} (${error.message})`;
  }
  return left.size > 0 ? `${left.size} rules of the user ${userId}` : undefined;
}
