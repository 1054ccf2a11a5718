import { setTimeout as sleep } from 'node:timers/promises';
import { UserFacingError } from '../../shared/errors.mjs';

/** Width of the time in seconds: enough for a few minutes. */
const TIME_WIDTH = 6;
/** Lines after the first start below its text, which follows the time, " s" and two spaces. */
const INDENT = ' '.repeat(TIME_WIDTH + 4);

/**
 * Creates a narrator that writes each text with the time since its creation.
 *
 * @param {{ write: (line: string) => void, now?: () => number }} options `now` in ms
 */
export function createNarrator({ write, now = () => performance.now() }) {
  const startedAt = now();
  return {
    /** @param {string} text one or more lines */
    narrate(text) {
      const seconds = ((now() - startedAt) / 1_000).toFixed(1);
      const [first = '', ...others] = text.split('\n');
      write(
        [`${seconds.padStart(TIME_WIDTH)} s  ${first}`, ...others.map((line) => `${INDENT}${line}`)].join(
          '\n',
        ),
      );
    },
  };
}

/** @typedef {ReturnType<typeof createNarrator>} Narrator */

/**
 * Waits for a step, with a time limit.
 *
 * @template T
 * @param {string} step for the message
 * @param {number} limitMs
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 * @throws {UserFacingError} after the time limit
 * @throws the signal's reason after an abort
 */
export async function withTimeLimit(step, limitMs, promise, signal) {
  const finished = new AbortController();
  const rejectAfterLimit = async () => {
    const anySignal = AbortSignal.any([signal, finished.signal]);
    await sleep(limitMs, undefined, { signal: anySignal }).catch(() => undefined);
    signal.throwIfAborted();
    throw new UserFacingError(`${step}: this did not happen within ${limitMs / 1_000} s. Try again.`);
  };
  const limit = rejectAfterLimit();
  limit.catch(() => undefined);
  try {
    return await Promise.race([limit, promise]);
  } finally {
    finished.abort();
  }
}
