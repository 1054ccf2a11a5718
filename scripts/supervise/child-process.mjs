import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * A program that this process starts as a child process.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string | undefined>>} [env] added to our environment
 * @property {boolean} [ipc] opens an IPC channel, whose end tells the child that this process is gone
 * @property {boolean} [isQuiet] hides the program's output unless the program fails
 * @property {(output: string) => string} [describeStartFailure] turns its last output lines into an error message
 * @property {number} stopOrder programs with a lower number stop before those with a higher one
 * @property {(child: import('node:child_process').ChildProcess, signal: AbortSignal) => Promise<void>} waitUntilReady
 *   resolves when the program can be used; rejects when `signal` is aborted
 *
 * @typedef {object} ProgramExit
 * @property {number | null} code
 * @property {string} description such as "exit code 1" or "signal SIGKILL"
 * @property {number} runTimeMs
 */

/** A service ends its own stop after 10 s, so a program that takes longer hangs. */
const STOP_TIMEOUT_MS = 12_000;

/** The last lines of output usually say why a program ended. */
const MAX_BUFFERED_LINES = 20;

/** @type {Set<import('node:child_process').ChildProcess>} */
const runningChildren = new Set();

process.on('exit', () => {
  for (const child of runningChildren) child.kill('SIGTERM');
});

/**
 * Starts a program in its own session. The Ctrl-C of a terminal does not reach it, so this process stops all programs
 * in order.
 *
 * @param {Program} program
 * @param {{ onStdout: (line: string) => void, onStderr: (line: string) => void }} listeners
 * @returns {{ child: import('node:child_process').ChildProcess, ended: Promise<ProgramExit> }}
 */
export function startChildProcess({ command, args, env, ipc = false }, { onStdout, onStderr }) {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
  });
  if (child.stdout) createInterface(child.stdout).on('line', onStdout);
  if (child.stderr) createInterface(child.stderr).on('line', onStderr);

  runningChildren.add(child);
  const ended = new Promise((/** @type {(exit: ProgramExit) => void} */ resolve) => {
    child.on('error', (error) => onStderr(error.message));
    child.on('close', (code, signal) => {
      runningChildren.delete(child);
      const description = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
      resolve({ code, description, runTimeMs: performance.now() - startedAt });
    });
  });
  return { child, ended };
}

/**
 * Sends SIGTERM, and SIGKILL after {@link STOP_TIMEOUT_MS}. Resolves when the process has ended.
 *
 * @param {import('node:child_process').ChildProcess | undefined} child undefined if it does not run at the moment
 * @param {Promise<unknown>} ended
 * @param {() => void} [onKill] called before SIGKILL is sent
 */
export async function stopChildProcess(child, ended, onKill) {
  child?.kill('SIGTERM');
  // A process that SIGSTOP has suspended handles SIGTERM only after it continues.
  child?.kill('SIGCONT');
  const timer = setTimeout(() => {
    onKill?.();
    child?.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/**
 * Creates a buffer for the output of a program that is not shown yet, or only if the program fails.
 *
 * @param {(line: string) => void} write receives the lines when the buffer is flushed
 */
export function createProgramOutputBuffer(write) {
  /** @type {string[]} */
  let lines = [];
  return {
    /** Adds a line. Only the last {@link MAX_BUFFERED_LINES} are kept. @type {(line: string) => void} */
    add: (line) => {
      lines.push(line);
      if (lines.length > MAX_BUFFERED_LINES) lines.shift();
    },
    /** Writes and removes the lines. */
    flush() {
      for (const line of lines) write(line);
      lines = [];
    },
    /** Removes the lines and returns them as one text. */
    take() {
      const text = lines.join('\n');
      lines = [];
      return text;
    },
  };
}
