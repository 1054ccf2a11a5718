import { setTimeout as sleep } from 'node:timers/promises';
import { NotReachable } from '../cli/exit.mjs';

/** A connection that is lost may be back after a restart; a command that carries an idempotency key is sent again. */
const PATIENCE_MS = 15_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 2_000;
const PASSING = ['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'SERVER_SHUTTING_DOWN'];

/**
 * Sends an operation that does no harm when it comes twice, until it is answered.
 *
 * @template Data
 * @param {() => Promise<import('../client/http-client.mjs').Answer<Data>>} send
 * @param {AbortSignal} signal
 * @returns {Promise<import('../client/http-client.mjs').Answer<Data>>}
 * @throws {NotReachable} where patience ends
 */
export async function sendPatiently(send, signal, patienceMs = PATIENCE_MS) {
  const until = performance.now() + patienceMs;
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
    const failure = await tryOnce(send);
    if ('answer' in failure) return failure.answer;
    if (performance.now() >= until || signal.aborted) throw failure.error;
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * @template Data
 * @param {() => Promise<import('../client/http-client.mjs').Answer<Data>>} send
 * @returns {Promise<{ answer: import('../client/http-client.mjs').Answer<Data> } | { error: NotReachable }>}
 */
async function tryOnce(send) {
  try {
    const answer = await send();
    const passing = answer.errors?.find(({ extensions }) => PASSING.includes(extensions?.code ?? ''));
    return passing ? { error: new NotReachable(passing.message) } : { answer };
  } catch (error) {
    if (error instanceof NotReachable) return { error };
    throw error;
  }
}
