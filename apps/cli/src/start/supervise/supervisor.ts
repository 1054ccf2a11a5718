import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { getErrorMessage, UserFacingError } from '../../shared/errors.js';
import { waitForAbort } from '../../shared/interrupts.js';
import { logProgress } from '../../shared/log-progress.js';
import {
  createProgramOutputBuffer,
  createStopRequest,
  drainChildProcess,
  startChildProcess,
  stopChildProcess,
  type Program,
  type ProgramExit,
} from './child-process.js';
import { watchProcess } from './process-watchdog.js';

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
  /** The process that runs now. Undefined while the program does not run. */
  getChild(): ChildProcess | undefined;
  /**
   * Resolves when the program is ready for the first time. Rejects with a {@link UserFacingError} if it exits before: a
   * restart would not fix that.
   */
  readonly started: Promise<void>;
  /** Stops the program and starts it again; skips a pending restart delay. */
  restart(): void;
  /**
   * Replaces the process by another one without a failed request: see {@link Program.replacement}. Resolves when the old process has
   * ended and the new one is ready.
   * @throws UserFacingError if the new process does not become ready
   */
  replace(): Promise<void>;
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

/** A new process that is not ready after this time has failed. */
const REPLACEMENT_TIMEOUT_MS = 120_000;

/** One process of a program. */
interface ProgramRun {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramExit>;
  /** Rejects if the process ends before it is ready. */
  readonly ready: Promise<void>;
}

/** Starts a program, and restarts it whenever it ends. */
export function superviseProgram(program: Program, listener: ProgramListener): SupervisedProgram {
  const { name, isQuiet = false, replacement = { overlaps: false }, hangTimeoutMs = 0 } = program;
  const write = (line: string) => listener.onOutput(name, line);
  const buffer = createProgramOutputBuffer(write);
  const askToStop = createStopRequest(program);
  const getRestartDelay = createRestartBackoff();
  const stopping = new AbortController();
  let delaySkip = new AbortController();
  let wasReady = false;
  let isRestartRequested = false;
  let current: ProgramRun | undefined;
  /** Takes the place of `current` when that has ended. */
  let next: ProgramRun | undefined;
  let replacing: Promise<void> | undefined;
  /** Called when a run has started that takes the place of another one. */
  let onNextRun: ((run: ProgramRun) => void) | undefined;
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

  const startRun = (): ProgramRun => {
    const { child, ended } = startChildProcess(program, {
      onStdout: isQuiet ? buffer.add : write,
      onStderr: (line) => (isQuiet || !wasReady ? buffer.add(line) : write(line)),
    });
    program.connect?.(child);
    const exited = new AbortController();
    void ended.then(() => exited.abort());
    const ready = program.waitUntilReady(child, exited.signal).then(() => {
      handleReady(child);
      if (hangTimeoutMs > 0) killIfItHangs(child, ended);
    });
    ready.catch(() => undefined);
    return { child, ended, ready };
  };

  const killIfItHangs = (child: ChildProcess, ended: Promise<unknown>) => {
    const watch = watchProcess(child.pid ?? 0, hangTimeoutMs, (reason) => {
      listener.onNotice(`${name} has not responded for ${hangTimeoutMs / 1000} s (${reason}); it is killed.`);
      child.kill('SIGKILL');
    });
    child.on('message', watch.recordSign);
    void ended.then(watch.stop);
  };

  /** @returns whether to run the program again */
  const runUntilExit = async (): Promise<boolean> => {
    current = next ?? startRun();
    next = undefined;
    onNextRun?.(current);
    const { code, description, runTimeMs } = await current.ended;
    current = undefined;
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
    program.onRestartDelay?.(delayMs);
    listener.onNotice(`${name} ended with ${description}; it restarts in ${delayMs / 1000} s.`);
    delaySkip = new AbortController();
    const signal = AbortSignal.any([stopping.signal, delaySkip.signal]);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    return !stopping.signal.aborted;
  };
  const announceKill = () => listener.onNotice(`${name} does not stop; it is killed.`);
  const runUntilStopped = async () => {
    try {
      await program.beforeFirstStart?.();
    } catch (error) {
      rejectStarted(new UserFacingError(getErrorMessage(error)));
      return;
    }
    if (stopping.signal.aborted) return;
    while (await runUntilExit());
  };
  const ended = runUntilStopped().finally(() => program.onStopped?.());

  /** @throws UserFacingError if the new process does not become ready */
  const waitUntilReplaced = async ({ child, ended: runEnded, ready }: ProgramRun): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const failure = new Promise<string>((resolve) => {
      void runEnded.then(({ description }) => resolve(`ended with ${description} before it was ready`));
      timer = setTimeout(
        () => resolve(`was not ready within ${REPLACEMENT_TIMEOUT_MS / 1000} s`),
        REPLACEMENT_TIMEOUT_MS,
      );
    });
    const problem = await Promise.race([
      ready.then(
        () => undefined,
        () => failure,
      ),
      failure,
    ]);
    clearTimeout(timer);
    if (problem === undefined) return;
    throw new UserFacingError(`The new process of ${name} (pid ${child.pid ?? '?'}) ${problem}.`);
  };

  const replaceByNextRun = async (old: ProgramRun) => {
    // The old process may end while the others prepare: the one that restarts takes its place as well.
    const nextRun = new Promise<ProgramRun>((resolve) => (onNextRun = resolve));
    await replacement.prepare?.();
    if (current === old) {
      isRestartRequested = true;
      await stopChildProcess(old.child, old.ended, announceKill, replacement.drain ?? askToStop);
    }
    const run = await Promise.race([nextRun, ended.then(() => undefined)]);
    onNextRun = undefined;
    if (!run) throw new UserFacingError(`${name} is stopping.`);
    await waitUntilReplaced(run);
  };

  const replaceByOverlappingRun = async (old: ProgramRun) => {
    await replacement.prepare?.();
    const run = startRun();
    // If the old process ends meanwhile, the new one takes its place.
    next = run;
    try {
      await waitUntilReplaced(run);
    } catch (error) {
      if (next === run) next = undefined;
      await stopChildProcess(run.child, run.ended, announceKill, askToStop);
      throw error;
    }
    if (current !== old) return;
    isRestartRequested = true;
    await drainChildProcess(old.child, old.ended, replacement.drain ?? askToStop);
  };

  const replace = async () => {
    await started;
    if (stopping.signal.aborted) throw new UserFacingError(`${name} is stopping.`);
    if (!current) throw new UserFacingError(`${name} does not run at the moment: it restarts by itself.`);
    await (replacement.overlaps ? replaceByOverlappingRun : replaceByNextRun)(current);
  };

  return {
    name,
    stopOrder: program.stopOrder,
    getPid: () => current?.child.pid,
    getChild: () => current?.child,
    started,
    restart() {
      delaySkip.abort();
      if (!current) return;
      isRestartRequested = true;
      void stopChildProcess(current.child, current.ended, announceKill, askToStop);
    },
    replace: () => (replacing ??= replace().finally(() => (replacing = undefined))),
    async stop() {
      stopping.abort();
      const runs = [current, next].filter((run) => run !== undefined);
      await Promise.all(runs.map((run) => stopChildProcess(run.child, run.ended, announceKill, askToStop)));
      await ended;
    },
    kill() {
      stopping.abort();
      for (const run of [current, next]) run?.child.kill('SIGKILL');
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
