/**
 * An expected error. Its message is printed without a stack trace: what is wrong, then what to do.
 */
export class UserFacingError extends Error {
  /** @override */
  name = 'UserFacingError';
}

/** The command line is wrong, or an input file cannot be used as a whole. */
export class UsageError extends UserFacingError {
  /** @override */
  name = 'UsageError';
}

/** A server that the command needs does not answer. */
export class UnreachableError extends UserFacingError {
  /** @override */
  name = 'UnreachableError';
}

/** The process received SIGINT, SIGTERM or SIGHUP; the message is the signal's name. */
export class InterruptedError extends Error {
  /** @override */
  name = 'InterruptedError';
}

/** Exit codes of the commands. */
export const EXIT_CODES = {
  success: 0,
  /** Something was refused, or a check failed. */
  failure: 1,
  /** Wrong usage, or a server that does not answer. */
  usage: 2,
  /** The shells' convention for a process that Ctrl-C ends. */
  interrupted: 130,
};

/** @param {unknown} error that ended a command @returns {number} the exit code that reports it */
export function getExitCode(error) {
  if (error instanceof InterruptedError) return EXIT_CODES.interrupted;
  return error instanceof UsageError || error instanceof UnreachableError
    ? EXIT_CODES.usage
    : EXIT_CODES.failure;
}

/** Writes an error to stderr: an expected one as its message, any other with its stack. @param {unknown} error */
export function printError(error) {
  console.error(error instanceof UserFacingError ? error.message : error);
}

/** @param {unknown} error */
export const getErrorMessage = (error) => (error instanceof Error ? error.message : String(error));

/** @param {unknown} error @returns {string | undefined} its `code`, such as `ENOENT` */
export const getErrorCode = (error) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/**
 * Describes why `fetch` failed. The error itself only says "fetch failed"; its cause has the reason.
 *
 * @param {unknown} error
 * @returns {string} a code such as `ECONNREFUSED`, or a message
 */
export function describeFetchError(error) {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return getErrorCode(cause) ?? getErrorMessage(cause);
}
