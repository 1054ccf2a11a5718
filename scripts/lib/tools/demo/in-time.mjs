import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../failure.mjs';

/**
 * Waits for something that must come in time.
 *
 * @template T
 * @param {string} what it is, for the message
 * @param {number} ms
 * @param {Promise<T>} awaited
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 * @throws {Failure} where it does not come; the signal's reason where that is aborted
 */
export async function inTime(what, ms, awaited, signal) {
  const over = new AbortController();
  const tooLate = async () => {
    await sleep(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined);
    signal.throwIfAborted();
    throw new Failure(`${what}: that did not happen within ${ms / 1_000} s.`);
  };
  const limit = tooLate();
  limit.catch(() => undefined);
  try {
    return await Promise.race([limit, awaited]);
  } finally {
    over.abort();
  }
}
