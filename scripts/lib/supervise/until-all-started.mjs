import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure.mjs';
import { untilAborted } from '../interrupts.mjs';

/** After the first that cannot start, the others get this long to say that they cannot either, and why. */
const OTHERS_MS = 5_000;
const PROGRESS_MS = 10_000;

/**
 * Waits until programs are ready.
 *
 * @param {readonly import('./keep-running.mjs').Kept[]} programs
 * @param {{ signal: AbortSignal, say: (text: string) => void }} options
 * @throws {Failure} with what those that cannot start say, each sentence once; the signal's reason where that is aborted
 */
export async function untilAllStarted(programs, { signal, say }) {
  const waiting = new Set(programs.map(({ name }) => name));
  /** @type {Set<string>} */
  const sentences = new Set();
  const settled = programs.map(async ({ name, started }) => {
    try {
      await started;
    } catch (error) {
      sentences.add(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      waiting.delete(name);
    }
  });
  const timer = setInterval(() => say(`Waiting for ${[...waiting].join(', ')}.`), PROGRESS_MS);
  try {
    await Promise.race([Promise.all(settled), untilAborted(signal)]);
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    await Promise.race([Promise.allSettled(settled), sleep(OTHERS_MS)]);
    throw error instanceof Failure ? new Failure([...sentences].join('\n')) : error;
  } finally {
    clearInterval(timer);
  }
}
