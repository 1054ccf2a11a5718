import { Failure, messageOf } from '../failure.mjs';
import { untilRedisAnswers } from './answer.mjs';

const PATIENCE_MS = 5_000;

/**
 * Makes sure of the Redis that REDIS_URL names.
 *
 * @param {string} url what is no URL of a Redis is left to the services that will refuse it
 * @param {AbortSignal} signal
 * @throws {Failure} where it does not answer in time
 */
export async function checkGivenRedis(url, signal, patienceMs = PATIENCE_MS) {
  if (!/^(rediss?|unix):\/\/\S+$/.test(url)) return;
  try {
    await untilRedisAnswers(url, { patienceMs, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Failure(
      `The Redis of REDIS_URL, ${withoutPassword(url)}, does not answer (${messageOf(error)}): ` +
        'start it, correct the URL, or unset REDIS_URL to have one started here.',
    );
  }
}

/** @param {string} url */
const withoutPassword = (url) => url.replace(/\/\/[^@/]*@/, '//***@');
