import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

// However this process ends, short of being killed itself.
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/**
 * @typedef {object} End how a run ended
 * @property {number | null} code
 * @property {string} how in words: "exit code 1", "signal SIGKILL"
 * @property {number} ranMs
 */

/**
 * Starts a program in a session of its own, so that a terminal's Ctrl-C reaches it only through us, in order.
 *
 * @param {import('./program.mjs').Program} program
 * @param {{ out: (line: string) => void, error: (line: string) => void }} told its lines
 */
export function runOnce({ command, args, env, ipc = false }, told) {
  const started = performance.now();
  const child = spawn(command, args, {
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
  });
  if (child.stdout) createInterface(child.stdout).on('line', told.out);
  if (child.stderr) createInterface(child.stderr).on('line', told.error);

  running.add(child);
  const ended = new Promise((/** @type {(end: End) => void} */ resolve) => {
    child.on('error', (error) => told.error(error.message));
    child.on('close', (code, signal) => {
      running.delete(child);
      const how = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
      resolve({ code, how, ranMs: performance.now() - started });
    });
  });
  return { child, ended };
}
