import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { PROJECT_FOLDER } from '../shared/bootstrap.js';
import {
  EXIT_CODES,
  formatError,
  getErrorCode,
  getErrorMessage,
  getExitCode,
  isInterruptedError,
} from '../shared/errors.js';
import { loadCommandSettings, type InstallationSettings } from '../shared/installation-settings.js';
import { listenForInterrupts } from '../shared/interrupts.js';

/** What a command works with. */
export interface CommandContext {
  /** The folder in which the user called the command; relative paths start there. */
  readonly folder: string;
  readonly env: EnvironmentVariables;
  readonly settings: InstallationSettings;
  /** Aborted by Ctrl-C, for an orderly end. A second Ctrl-C ends the process at once. */
  readonly signal: AbortSignal;
  /** Writes lines to stdout. */
  readonly print: (text: string) => void;
  /** Writes lines to stderr. */
  readonly warn: (text: string) => void;
}

export interface CommandRunOptions {
  /** The command only reads, so it may end as soon as nobody reads its output, as in `export | head`. */
  readonly isReadOnly: boolean;
  /** The command listens for signals itself. */
  readonly handlesInterrupts?: boolean;
}

/** Runs the work of a command in this process. */
export interface CommandHost {
  /** @param work resolves with the exit code */
  run(options: CommandRunOptions, work: (context: CommandContext) => Promise<number>): Promise<void>;
}

/**
 * Creates the host that works with this process: its streams, signals and environment. It sets the exit code.
 * @param env `process.env`
 */
export function createProcessCommandHost(env: EnvironmentVariables): CommandHost {
  return {
    async run({ isReadOnly, handlesInterrupts = false }, work) {
      const signal = handlesInterrupts ? new AbortController().signal : createStopSignal();
      handleOutputErrors(isReadOnly);
      try {
        // npm runs scripts in the project's folder, and passes on the user's folder in INIT_CWD.
        const folder = env['INIT_CWD'] ?? process.cwd();
        process.chdir(PROJECT_FOLDER);
        process.exitCode = await work({
          folder,
          env,
          settings: loadCommandSettings(env),
          signal,
          print: (text) => void process.stdout.write(`${text}\n`),
          warn: (text) => void process.stderr.write(`${text}\n`),
        });
      } catch (error) {
        if (isReadOnly && isClosedOutputError(error)) process.exit(EXIT_CODES.success);
        // An error after Ctrl-C is probably a consequence of it.
        process.exitCode = signal.aborted ? EXIT_CODES.interrupted : getExitCode(error);
        if (!isInterruptedError(error)) process.stderr.write(`${formatError(error)}\n`);
      }
    },
  };
}

/** The signal aborts at the first Ctrl-C; a second one ends this process. */
function createStopSignal(): AbortSignal {
  const { stop, kill } = listenForInterrupts();
  kill.addEventListener('abort', () => process.exit(EXIT_CODES.interrupted));
  return stop;
}

/**
 * Lets a command end quietly when the program that reads its output has ended, and with a message if its output cannot be
 * written. A command that changes something finishes its work first.
 */
function handleOutputErrors(isReadOnly: boolean): void {
  process.stdout.on('error', (error) => {
    if (!isReadOnly) return;
    if (isClosedOutputError(error)) process.exit(EXIT_CODES.success);
    process.stderr.write(`The output cannot be written (${getErrorMessage(error)}): write it elsewhere.\n`);
    process.exit(EXIT_CODES.failure);
  });
  process.stderr.on('error', () => undefined);
}

/** The reader of a pipe has closed it. */
const isClosedOutputError = (error: unknown): boolean => getErrorCode(error) === 'EPIPE';
