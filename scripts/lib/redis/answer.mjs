import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../failure.mjs';
import { withRedis } from './connection.mjs';

const RETRY_MS = 50;
/** A server that accepts and is silent must not take the whole patience. */
const TRY_MS = 1_000;

/**
 * Waits until a Redis answers PING.
 *
 * @param {string} url
 * @param {{ patienceMs: number, signal: AbortSignal }} options
 * @throws what kept the last try from an answer; at once what waiting does not heal, such as a wrong password
 */
export async function untilRedisAnswers(url, { patienceMs, signal }) {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      await withRedis(url, Math.min(TRY_MS, patienceMs), (redis) => redis.ping());
      return;
    } catch (error) {
      if (/NOAUTH|WRONGPASS|NOPERM/.test(messageOf(error)) || performance.now() >= until) throw error;
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}
