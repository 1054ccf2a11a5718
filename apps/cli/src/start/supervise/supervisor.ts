import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { getErrorMessage, UserFacingError } from '../../shared/errors.js';
import { waitForAbort } from '../../shared/interrupts.js';
import { logProgress } from '../../shared/log-progress.js';
import {
  createProgramOutputBuffer,
  startChildProcess,
  stopChildProcess,
  type Program,
} from './child-process.js';

export interface ProgramListener {
  /** Receives each line that a program writes. */
  readonly onOutput: (name: string, line: string) => void;
  /** Receives messages about restarts and stops. */
  readonly onNotice: (text: string) => void;
}

export interface SupervisedProgram {
  readonly name: string;
  readonly stopOrder: number;
  /** Undefined while the program does not run. */
  getPid(): number | undefined;
  /**
   * Resolves when the program is ready for the first time. Rejects with a {@link UserFacingError} if it exits before: a
   * restart would not fix that.
   */
  readonly started: Promise<void>;
  /** Stops the program and starts it again; skips a pending restart delay. */
  restart(): void;
  /** Resolves when the program has ended. */
  stop(): Promise<void>;
  /** Ends the program with SIGKILL. */
  kill(): void;
}

const MIN_RESTART_DELAY_MS = 500;
const MAX_RESTART_DELAY_MS = 15_000;
/** A program that ran this long was healthy, so the restart delay starts again at its minimum. */
const HEALTHY_RUN_MS = 30_000;

/** After one program failed to start, the others get this long to report their failures too. */
const OTHER_FAILURES_MS = 5_000;

/** Starts a program, and restarts it whenever it ends. */
export function superviseProgram(program: Program, listener: ProgramListener): SupervisedProgram {
  const { name, isQuiet = false } = program;
  const write = (line: string) => listener.onOutput(name, line);
  const buffer = createProgramOutputBuffer(write);
  const getRestartDelay = createRestartBackoff();
  const stopping = new AbortController();
  let delaySkip = new AbortController();
  let wasReady = false;
  let isRestartRequested = false;
  let child: ChildProcess | undefined;
  let currentRunEnded: Promise<unknown> = Promise.resolve();
  let resolveStarted: () => void;
  let rejectStarted: (error: UserFacingError) => void;
  const started = new Promise<void>((resolve, reject) => {
    resolveStarted = resolve;
    rejectStarted = reject;
  });
  // Callers may ignore `started`; its rejection must not be unhandled then.
  started.catch(() => undefined);

  const handleReady = ({ pid }: ChildProcess) => {
    if (wasReady) listener.onNotice(`${name} is ready again (pid ${pid ?? '?'}).`);
    wasReady = true;
    if (isQuiet) buffer.take();
    else buffer.flush();
    resolveStarted();
  };

  /** @returns whether to run the program again */
  const runUntilExit = async (): Promise<boolean> => {
    const run = startChildProcess(program, {
      onStdout: isQuiet ? buffer.add : write,
      onStderr: (line) => (isQuiet || !wasReady ? buffer.add(line) : write(line)),
    });
    child = run.child;
    currentRunEnded = run.ended;
    const exited = new AbortController();
    program.waitUntilReady(run.child, exited.signal).then(
      () => handleReady(run.child),
      () => undefined,
    );
    const { code, description, runTimeMs } = await run.ended;
    child = undefined;
    exited.abort();
    if (stopping.signal.aborted) return false;
    if (isRestartRequested) {
      isRestartRequested = false;
      buffer.flush();
      return true;
    }
    if (!wasReady && code !== null) {
      const output = buffer.take() || `${name} ended with ${description} before it was ready.`;
      rejectStarted(new UserFacingError(program.describeStartFailure?.(output) ?? output));
      return false;
    }
    buffer.flush();
    const delayMs = getRestartDelay(runTimeMs);
    listener.onNotice(`${name} ended with ${description}; it restarts in ${delayMs / 1000} s.`);
    delaySkip = new AbortController();
    const signal = AbortSignal.any([stopping.signal, delaySkip.signal]);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    return !stopping.signal.aborted;
  };
  const announceKill = () => listener.onNotice(`${name} does not stop; it is killed.`);
  const runUntilStopped = async () => {
    while (await runUntilExit());
  };
  const ended = runUntilStopped();

  return {
    name,
    stopOrder: program.stopOrder,
    getPid: () => child?.pid,
    started,
    restart() {
      delaySkip.abort();
      if (!child) return;
      isRestartRequested = true;
      void stopChildProcess(child, currentRunEnded, announceKill);
    },
    async stop() {
      stopping.abort();
      await stopChildProcess(child, ended, announceKill);
    },
    kill() {
      stopping.abort();
      child?.kill('SIGKILL');
    },
  };
}

/**
 * Creates the restart delay of one program: it doubles with each exit, from 0.5 s to 15 s.
 * @returns takes how long the program ran, returns the delay in ms
 */
export function createRestartBackoff(): (runTimeMs: number) => number {
  let nextDelayMs = MIN_RESTART_DELAY_MS;
  return (runTimeMs) => {
    if (runTimeMs >= HEALTHY_RUN_MS) nextDelayMs = MIN_RESTART_DELAY_MS;
    const delayMs = nextDelayMs;
    nextDelayMs = Math.min(nextDelayMs * 2, MAX_RESTART_DELAY_MS);
    return delayMs;
  };
}

/**
 * Waits until programs are ready, and logs which ones are.
 * @throws UserFacingError with the messages of all programs that cannot start, each message once
 * @throws the signal's reason after an abort
 */
export async function waitUntilStarted(
  programs: readonly SupervisedProgram[],
  { signal, log }: { readonly signal: AbortSignal; readonly log: (text: string) => void },
): Promise<void> {
  const pending = new Set(programs.map(({ name }) => name));
  const messages = new Set<string>();
  const starts = programs.map(async ({ name, started }) => {
    try {
      await started;
    } catch (error) {
      messages.add(getErrorMessage(error));
      throw error;
    } finally {
      pending.delete(name);
    }
  });
  const describe = () =>
    `${programs.length - pending.size} of ${programs.length} ready, starting ${[...pending].join(', ')}`;
  try {
    await logProgress({ log, describe }, () => Promise.race([Promise.all(starts), waitForAbort(signal)]));
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    await Promise.race([Promise.allSettled(starts), sleep(OTHER_FAILURES_MS)]);
    throw error instanceof UserFacingError ? new UserFacingError([...messages].join('\n')) : error;
  }
}

/** A program that can be stopped in order with others. */
export interface StoppableProgram {
  readonly stopOrder: number;
  stop(): Promise<void>;
}

/** Stops programs by their `stopOrder`. Programs with the same number stop together. */
export async function stopInOrder(programs: readonly StoppableProgram[]): Promise<void> {
  const orders = [...new Set(programs.map(({ stopOrder }) => stopOrder))].sort((a, b) => a - b);
  for (const order of orders) {
    await Promise.all(
      programs.filter(({ stopOrder }) => stopOrder === order).map((program) => program.stop()),
    );
  }
}
