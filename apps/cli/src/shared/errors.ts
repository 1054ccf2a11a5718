import { UserFacingError } from './bootstrap.js';
import { escapeControlCharactersInLines } from './control-characters.js';

export { UserFacingError };

/** The command line is wrong, or an input file cannot be used as a whole. */
export class UsageError extends UserFacingError {
  override name = 'UsageError';
}

/** A server that the command needs does not answer. */
export class UnreachableError extends UserFacingError {
  override name = 'UnreachableError';
}

/** This process received SIGINT, SIGTERM or SIGHUP; the message is the signal's name. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

/** Exit codes of the commands. */
export const EXIT_CODES = {
  success: 0,
  /** Something was refused, or a check failed. */
  failure: 1,
  /** Wrong usage, or a server that does not answer. */
  usage: 2,
  /** There is nothing on which the command could act. */
  nothingFound: 3,
  /** The shells' convention for a process that Ctrl-C ends. */
  interrupted: 130,
} as const;

/** Whether an error is expected, so that its message is enough for a user. */
export const isUserFacingError = (error: unknown): error is UserFacingError =>
  error instanceof UserFacingError || isStartError(error);

/** A `StartError` of the platform, such as a secret file that cannot be read. To import the class takes longer than most commands. */
const isStartError = (error: unknown): boolean => error instanceof Error && error.name === 'StartError';

/** Whether an error reports that a signal stopped the work. */
export const isInterruptedError = (error: unknown): error is InterruptedError =>
  error instanceof InterruptedError;

/** The exit code that reports the error that ended a command. */
export function getExitCode(error: unknown): number {
  if (isInterruptedError(error)) return EXIT_CODES.interrupted;
  return error instanceof UsageError || error instanceof UnreachableError
    ? EXIT_CODES.usage
    : EXIT_CODES.failure;
}

/**
 * The text that stderr shows for an error: the message of an expected one, the stack of any other. It may quote a service, so
 * control characters are escaped.
 */
export const formatError = (error: unknown): string => escapeControlCharactersInLines(getErrorText(error));

function getErrorText(error: unknown): string {
  if (isUserFacingError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export const getErrorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The `code` of a system error, such as `ENOENT`. */
export const getErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/**
 * Describes why `fetch` failed: a code such as `ECONNREFUSED`, or a message. The error itself only says "fetch failed"; its
 * cause has the reason.
 */
export function describeFetchError(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return getErrorCode(cause) ?? getErrorMessage(cause);
}
