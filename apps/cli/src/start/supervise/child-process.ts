import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { SystemUser } from '../programs/run-command.js';

/** A program that this process starts as a child process. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to our environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Opens an IPC channel, whose end tells the child that this process is gone. */
  readonly ipc?: boolean;
  /** The user that runs the program. Only root may set it. @default our user */
  readonly user?: SystemUser | undefined;
  /** The signal that asks the program to stop. @default SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
  /** Hides the program's output unless the program fails. */
  readonly isQuiet?: boolean;
  /** Turns its last output lines into an error message. */
  readonly describeStartFailure?: (output: string) => string;
  /** Programs with a lower number stop before those with a higher one. */
  readonly stopOrder: number;
  /** Resolves when the program can be used; rejects when `signal` is aborted. */
  readonly waitUntilReady: (child: ChildProcess, signal: AbortSignal) => Promise<void>;
  /** Called once, before the program is started for the first time. */
  readonly beforeFirstStart?: () => Promise<void>;
  /** Called when the program has ended unexpectedly, with the time until it starts again in milliseconds. */
  readonly onRestartDelay?: (delayMs: number) => void;
  /** Called when the program has ended and does not start again. */
  readonly onStopped?: () => void;
  /** Called for each new process: listens for its messages. */
  readonly connect?: (child: ChildProcess) => void;
  /** How the program is replaced without a failed request. @default it stops, and then another process starts */
  readonly replacement?: ProgramReplacement;
  /** A process that sends no message for this time hangs, in milliseconds. @default it is not watched */
  readonly hangTimeoutMs?: number | undefined;
}

/** How a process of a program is replaced by another one. */
export interface ProgramReplacement {
  /** Whether the new process starts before the old one stops. */
  readonly overlaps: boolean;
  /** Called before the old process stops: others must not need it any more. */
  readonly prepare?: () => Promise<void>;
  /** Tells the old process that another one takes its place: it lets its clients finish, and exits. @default SIGTERM */
  readonly drain?: (child: ChildProcess) => void;
}

export interface ProgramExit {
  readonly code: number | null;
  /** Such as "exit code 1" or "signal SIGKILL". */
  readonly description: string;
  readonly runTimeMs: number;
}

export interface ProgramOutputListener {
  readonly onStdout: (line: string) => void;
  readonly onStderr: (line: string) => void;
}

export interface StartedProgram {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramExit>;
}

/** A service ends its own stop after 10 s, so a program that takes longer hangs. */
const STOP_TIMEOUT_MS = 12_000;

/** The last lines of output usually say why a program ended. */
const MAX_BUFFERED_LINES = 20;

const runningChildren = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of runningChildren) child.kill('SIGTERM');
});

/**
 * Starts a program in its own session. The Ctrl-C of a terminal does not reach it, so this process stops all programs
 * in order.
 */
export function startChildProcess(
  { command, args, env, user, ipc = false }: Program,
  { onStdout, onStderr }: ProgramOutputListener,
): StartedProgram {
  const startedAt = performance.now();
  const child: ChildProcess = spawn(command, args, {
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
    ...user,
  });
  if (child.stdout) createInterface(child.stdout).on('line', onStdout);
  if (child.stderr) createInterface(child.stderr).on('line', onStderr);

  runningChildren.add(child);
  const ended = new Promise<ProgramExit>((resolve) => {
    child.on('error', (error) => onStderr(error.message));
    child.on('close', (code, signal) => {
      runningChildren.delete(child);
      const description = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
      resolve({ code, description, runTimeMs: performance.now() - startedAt });
    });
  });
  return { child, ended };
}

/** Time for a process to let its clients finish. It limits this time itself. */
const DRAIN_TIMEOUT_MS = 20_000;

/**
 * Lets a process that another one has replaced finish and exit. Resolves when it has ended.
 * @param drain asks the process
 */
export async function drainChildProcess(
  child: ChildProcess,
  ended: Promise<unknown>,
  drain: (child: ChildProcess) => void,
): Promise<void> {
  drain(child);
  const timer = setTimeout(() => void stopChildProcess(child, ended), DRAIN_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/**
 * Asks a process to stop, and sends SIGKILL after {@link STOP_TIMEOUT_MS}. Resolves when the process has ended.
 * @param child undefined if it does not run at the moment
 * @param onKill called before SIGKILL is sent
 * @param ask asks the process. @default with SIGTERM
 */
export async function stopChildProcess(
  child: ChildProcess | undefined,
  ended: Promise<unknown>,
  onKill?: () => void,
  ask = createStopRequest({}),
): Promise<void> {
  if (child) ask(child);
  // A process that SIGSTOP has suspended handles it only after it continues.
  child?.kill('SIGCONT');
  const timer = setTimeout(() => {
    onKill?.();
    child?.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** Creates the function that asks the process of a program to stop. */
export const createStopRequest =
  ({ stopSignal = 'SIGTERM' }: Pick<Program, 'stopSignal'>) =>
  (child: ChildProcess): void =>
    void child.kill(stopSignal);

/** Holds the output of a program that is not shown yet, or only if the program fails. */
export interface ProgramOutputBuffer {
  /** Adds a line. Only the last {@link MAX_BUFFERED_LINES} are kept. */
  readonly add: (line: string) => void;
  /** Writes and removes the lines. */
  readonly flush: () => void;
  /** Removes the lines and returns them as one text. */
  readonly take: () => string;
}

/** @param write receives the lines when the buffer is flushed */
export function createProgramOutputBuffer(write: (line: string) => void): ProgramOutputBuffer {
  let lines: string[] = [];
  return {
    add: (line) => {
      lines.push(line);
      if (lines.length > MAX_BUFFERED_LINES) lines.shift();
    },
    flush: () => {
      for (const line of lines) write(line);
      lines = [];
    },
    take: () => {
      const text = lines.join('\n');
      lines = [];
      return text;
    },
  };
}
