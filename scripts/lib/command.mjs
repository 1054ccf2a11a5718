import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program told to stop gets this long before it is killed. */
const STOP_MS = 15_000;
const POLL_MS = 50;

/**
 * @param {readonly string[]} names
 * @param {string} path
 * @returns {string | undefined} where the first of these programs that there is lies
 */
export function onPath(names, path = process.env['PATH'] ?? '') {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end, without input.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {AbortSignal} options.signal ends it, and what it has started, before its time
 * @param {boolean} [options.show] lets it write to our own output instead of collecting it
 * @param {Readonly<Record<string, string | undefined>>} [options.env] added to ours
 * @returns {Promise<{ code: number, output: string }>} its exit code (1 where a signal ended it) and what it wrote
 * @throws the system's error where it cannot be run; the signal's reason where that ended it
 */
export async function run(command, args, { signal, show = false, env = {} }) {
  signal.throwIfAborted();
  // A group of its own, to end it whole, with all that it has started.
  const child = spawn(command, args, {
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  }
  /** @type {Promise<void> | undefined} */
  let stopped;
  const stop = () => {
    if (child.pid !== undefined) stopped = stopGroup(child.pid);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise((/** @type {(code: number | null) => void} */ resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    await stopped;
    signal.throwIfAborted();
    return { code: code ?? 1, output };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Asks all processes of a group to end, and kills those that do not in time. @param {number} group */
async function stopGroup(group) {
  const until = performance.now() + STOP_MS;
  let there = sendToGroup(group, 'SIGTERM');
  while (there && performance.now() < until) {
    await sleep(POLL_MS);
    there = sendToGroup(group, 0);
  }
  if (there) sendToGroup(group, 'SIGKILL');
}

/** @param {number} group @param {NodeJS.Signals | 0} name @returns {boolean} whether there is still a process in it */
function sendToGroup(group, name) {
  try {
    return process.kill(-group, name);
  } catch {
    return false;
  }
}
