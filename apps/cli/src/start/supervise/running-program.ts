import { UserFacingError } from '../../shared/errors.js';
import {
  createProgramOutputBuffer,
  createStopRequest,
  startChildProcess,
  stopChildProcess,
  type Program,
} from './child-process.js';
import type { StoppableProgram } from './supervisor.js';

/** A program that runs and does not restart when it ends. */
export interface RunningProgram extends StoppableProgram {
  readonly processId: number | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
}

/**
 * Starts a program, and resolves when it is ready. It is not restarted.
 * @param options `show`: writes its output to stderr
 * @throws UserFacingError with the program's output if it ends before it is ready
 */
export async function startProgram(
  program: Program,
  { signal, show = false }: { readonly signal: AbortSignal; readonly show?: boolean },
): Promise<RunningProgram> {
  await program.beforeFirstStart?.();
  const buffer = createProgramOutputBuffer(() => undefined);
  const write =
    show && !program.isQuiet ? (line: string) => void process.stderr.write(`${line}\n`) : buffer.add;
  const { child, ended } = startChildProcess(program, { onStdout: write, onStderr: write });
  const exited = new AbortController();
  const earlyExit = ended.then(({ description }) => {
    exited.abort();
    throw new UserFacingError(
      `${program.name} ended with ${description} before it was ready: ${buffer.take()}`,
    );
  });
  const running = {
    processId: child.pid,
    stopOrder: program.stopOrder,
    ended,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    stop: () => stopChildProcess(child, ended, undefined, createStopRequest(program)),
  };
  try {
    await Promise.race([program.waitUntilReady(child, AbortSignal.any([signal, exited.signal])), earlyExit]);
    earlyExit.catch(() => undefined);
    return running;
  } catch (error) {
    earlyExit.catch(() => undefined);
    await running.stop();
    signal.throwIfAborted();
    throw error;
  }
}
