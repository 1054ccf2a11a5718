import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time from SIGTERM to SIGKILL. */
const STOP_TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 50;

/**
 * Finds an executable on the PATH.
 *
 * @param {readonly string[]} names alternatives, the preferred one first
 * @param {string} path
 * @returns {string | undefined} the absolute path of the first name that exists
 */
export function findOnPath(names, path = process.env['PATH'] ?? '') {
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
 * Runs a program until it exits. The program gets no input.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {AbortSignal} options.signal stops the program and its child processes
 * @param {boolean} [options.show] writes the program's output to ours instead of collecting it
 * @param {Readonly<Record<string, string | undefined>>} [options.env] added to our environment
 * @param {string} [options.cwd]
 * @param {(groupId: number) => void} [options.onStart] receives the id of the program's process group
 * @param {(text: string) => void} [options.onOutput] receives the output as it comes
 * @returns {Promise<{ code: number, output: string }>} the exit code (1 after a signal), and stdout with stderr
 * @throws the system's error if the program cannot be started; the signal's reason after an abort
 */
export async function runCommand(command, args, { signal, show = false, env = {}, cwd, onStart, onOutput }) {
  signal.throwIfAborted();
  // `detached` starts a process group, so that a stop reaches the program's own children too.
  const child = spawn(command, args, {
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    env: { ...process.env, ...env },
    cwd,
    detached: true,
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
      onOutput?.(text);
    });
  }
  /** @type {Promise<void> | undefined} */
  let stopped;
  const stop = () => {
    if (child.pid !== undefined) stopped = stopProcessGroup(child.pid);
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

/** Sends SIGTERM to a process group, and SIGKILL after {@link STOP_TIMEOUT_MS}. @param {number} groupId */
async function stopProcessGroup(groupId) {
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  let isRunning = signalProcessGroup(groupId, 'SIGTERM');
  while (isRunning && performance.now() < deadline) {
    await sleep(POLL_INTERVAL_MS);
    isRunning = signalProcessGroup(groupId, 0);
  }
  if (isRunning) signalProcessGroup(groupId, 'SIGKILL');
}

/** @param {number} groupId @param {NodeJS.Signals | 0} name @returns {boolean} whether the group still has a process */
function signalProcessGroup(groupId, name) {
  try {
    return process.kill(-groupId, name);
  } catch {
    return false;
  }
}
