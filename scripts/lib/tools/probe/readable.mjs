/** A rule that reports has not got by then is lost, or as good as that. */
const PATIENCE_MS = 10_000;

const QUERY = 'query ($id: ID!) { rule(id: $id) { id version } }';

/** @typedef {import('../client/http-client.mjs').Answer<{ rule: { id: string } | null }>} Answer */

/**
 * Asks for a rule, again and again, until reports has it.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {string} id
 * @returns {Promise<{ ms: number, wrong: string | undefined }>}
 */
export async function untilReadable(client, id, patienceMs = PATIENCE_MS) {
  const began = performance.now();
  for (;;) {
    /** @type {Answer} */
    const { data, errors } = await client.ask(QUERY, { id });
    const ms = performance.now() - began;
    if (data?.rule?.id === id) return { ms, wrong: undefined };
    if (ms < patienceMs) continue;
    const why = errors?.[0]?.extensions?.code;
    return {
      ms,
      wrong: `reports has it not after ${patienceMs / 1_000} s${why === undefined ? '' : ` (${why})`}`,
    };
  }
}
