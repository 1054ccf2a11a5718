import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A user of the operating system. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Time from SIGTERM to SIGKILL. */
const STOP_TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 50;

export interface RunCommandOptions {
  /** Stops the program and its child processes. */
  readonly signal: AbortSignal;
  /** Writes the program's output to ours instead of collecting it. */
  readonly show?: boolean;
  /** Added to our environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The user that runs the program. Only root may set it. @default our user */
  readonly user?: SystemUser | undefined;
  /** Standard input. @default none */
  readonly input?: string;
  /** Receives the id of the program's process group. */
  readonly onStart?: (groupId: number) => void;
  /** Receives the output as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface CommandResult {
  /** The exit code; 1 after a signal. */
  readonly code: number;
  /** Stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a program until it exits. An abort stops its whole process group, which libraries such as
 * execa do not do: a compiler must not outlive the start that it belongs to.
 * @throws the system's error if the program cannot be started; the signal's reason after an abort
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { signal, show = false, env = {}, cwd, user, input, onStart, onOutput }: RunCommandOptions,
): Promise<CommandResult> {
  signal.throwIfAborted();
  // `detached` starts a process group, so that a stop reaches the program's own children too.
  const child = spawn(command, args, {
    stdio: [input === undefined ? 'ignore' : 'pipe', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    env: { ...process.env, ...env },
    cwd,
    detached: true,
    ...user,
  });
  // A program that ends early does not read its input: that is no error.
  child.stdin?.on('error', () => undefined).end(input);
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      onOutput?.(text);
    });
  }
  let stopped: Promise<void> | undefined;
  const stop = () => {
    if (child.pid !== undefined) stopped = stopProcessGroup(child.pid);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
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

/** Sends SIGTERM to a process group, and SIGKILL after {@link STOP_TIMEOUT_MS}. */
async function stopProcessGroup(groupId: number): Promise<void> {
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  let isRunning = signalProcessGroup(groupId, 'SIGTERM');
  while (isRunning && performance.now() < deadline) {
    await sleep(POLL_INTERVAL_MS);
    isRunning = signalProcessGroup(groupId, 0);
  }
  if (isRunning) signalProcessGroup(groupId, 'SIGKILL');
}

/** @returns whether the group still has a process */
function signalProcessGroup(groupId: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-groupId, name);
  } catch {
    return false;
  }
}
