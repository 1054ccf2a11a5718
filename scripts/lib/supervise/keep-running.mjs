import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure.mjs';
import { createBackoff } from './backoff.mjs';
import { endChild } from './end-child.mjs';
import { runOnce } from './run-once.mjs';
import { createWords } from './words.mjs';

/**
 * @typedef {object} Kept a program that is kept running
 * @property {string} name
 * @property {number} stopsAt
 * @property {() => number | undefined} pid of the present run, if there is one
 * @property {Promise<void>} started resolves when it is ready for the first time; rejects where it ends by itself
 *   before, with what it says: trying again would not mend that
 * @property {() => void} restart asks it to end, and starts it again when it has; at once where it waits to be started
 * @property {() => Promise<void>} stop asks it to end, and resolves when it has
 * @property {() => void} kill ends it at once
 */

/**
 * Starts a program, and starts it again whenever it ends.
 *
 * @param {import('./program.mjs').Program} program
 * @param {import('./program.mjs').Listener} listener
 * @returns {Kept}
 */
export function keepRunning(program, listener) {
  const { name, quiet = false } = program;
  const stopping = new AbortController();
  const words = createWords((line) => listener.line(name, line));
  const backoff = createBackoff();
  let ready = false;
  /** Whether the present run ends because it was asked to, to be started again. */
  let restarting = false;
  let hurry = new AbortController();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  /** @type {Promise<unknown>} of the present run */
  let runEnded = Promise.resolve();
  /** @type {() => void} */
  let resolveStarted;
  /** @type {(failure: Failure) => void} */
  let rejectStarted;
  const started = new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
    resolveStarted = resolve;
    rejectStarted = reject;
  });
  // Whoever waits for it hears of it; nobody has to.
  started.catch(() => undefined);

  /** @param {import('node:child_process').ChildProcess} present */
  const becameReady = ({ pid }) => {
    if (ready) listener.notice(`${name} is ready again (pid ${pid ?? '?'}).`);
    ready = true;
    if (quiet) words.take();
    else words.release();
    resolveStarted();
  };

  /** @returns {Promise<boolean>} whether it should run again */
  const runToItsEnd = async () => {
    const tell = (/** @type {string} */ line) => listener.line(name, line);
    const run = runOnce(program, {
      out: quiet ? words.hold : tell,
      error: (line) => (quiet || !ready ? words.hold(line) : tell(line)),
    });
    child = run.child;
    runEnded = run.ended;
    const over = new AbortController();
    program.untilReady(run.child, over.signal).then(
      () => becameReady(run.child),
      () => undefined,
    );
    const { code, how, ranMs } = await run.ended;
    child = undefined;
    over.abort();
    if (stopping.signal.aborted) return false;
    if (restarting) {
      restarting = false;
      words.release();
      return true;
    }
    if (!ready && code !== null) {
      const said = words.take() || `${name} ended with ${how} before it was ready.`;
      rejectStarted(new Failure(program.whyNotStarted?.(said) ?? said));
      return false;
    }
    words.release();
    const delay = backoff(ranMs);
    listener.notice(`${name} ended with ${how}; it is started again in ${delay / 1000} s.`);
    hurry = new AbortController();
    const signal = AbortSignal.any([stopping.signal, hurry.signal]);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
    return !stopping.signal.aborted;
  };
  const tellKilled = () => listener.notice(`${name} does not stop; it is killed.`);
  const loop = async () => {
    while (await runToItsEnd());
  };
  const ended = loop();

  return {
    name,
    stopsAt: program.stopsAt,
    pid: () => child?.pid,
    started,
    restart() {
      hurry.abort();
      if (!child) return;
      restarting = true;
      void endChild(child, runEnded, tellKilled);
    },
    async stop() {
      stopping.abort();
      await endChild(child, ended, tellKilled);
    },
    kill() {
      stopping.abort();
      child?.kill('SIGKILL');
    },
  };
}
