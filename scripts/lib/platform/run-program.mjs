import { Failure } from '../failure.mjs';
import { endChild } from '../supervise/end-child.mjs';
import { runOnce } from '../supervise/run-once.mjs';
import { createWords } from '../supervise/words.mjs';

/**
 * @typedef {object} Running a program that is started once, and not again
 * @property {number} stopsAt
 * @property {(signal: NodeJS.Signals) => void} signal
 * @property {() => Promise<void>} stop asks it to end, and resolves when it has
 * @property {Promise<unknown>} ended
 */

/**
 * Starts a program, and resolves when it is ready.
 *
 * @param {import('../supervise/program.mjs').Program} program
 * @param {{ signal: AbortSignal, show?: boolean }} options `show` passes on what it writes, to stderr
 * @returns {Promise<Running>}
 * @throws {Failure} with what it said where it ends before it is ready
 */
export async function runProgram(program, { signal, show = false }) {
  const words = createWords(() => undefined);
  const tell =
    show && !program.quiet
      ? (/** @type {string} */ line) => void process.stderr.write(`${line}\n`)
      : words.hold;
  const { child, ended } = runOnce(program, { out: tell, error: tell });
  const over = new AbortController();
  const endedFirst = ended.then(({ how }) => {
    over.abort();
    throw new Failure(`${program.name} ended with ${how} before it was ready: ${words.take()}`);
  });
  const running = {
    stopsAt: program.stopsAt,
    ended,
    signal: (/** @type {NodeJS.Signals} */ name) => void child.kill(name),
    stop: () => endChild(child, ended),
  };
  try {
    await Promise.race([program.untilReady(child, AbortSignal.any([signal, over.signal])), endedFirst]);
    endedFirst.catch(() => undefined);
    return running;
  } catch (error) {
    endedFirst.catch(() => undefined);
    await running.stop();
    signal.throwIfAborted();
    throw error;
  }
}
