/**
 * An expected error. Its message is printed without a stack trace: what is wrong, then what to do.
 */
export class UserFacingError extends Error {
  /** @override */
  name = 'UserFacingError';
}

/** The process received SIGINT, SIGTERM or SIGHUP; the message is the signal's name. */
export class InterruptedError extends Error {
  /** @override */
  name = 'InterruptedError';
}

/** Exit codes of the scripts. apps/cli/src/shared/errors.ts has those of the commands. */
export const EXIT_CODES = {
  success: 0,
  /** Something was refused, or a check failed. */
  failure: 1,
  /** The shells' convention for a process that Ctrl-C ends. */
  interrupted: 130,
};

/** @param {unknown} error that ended a command @returns {number} the exit code that reports it */
export const getExitCode = (error) =>
  error instanceof InterruptedError ? EXIT_CODES.interrupted : EXIT_CODES.failure;

/** Writes an error to stderr: an expected one as its message, any other with its stack. @param {unknown} error */
export function printError(error) {
  console.error(error instanceof UserFacingError ? error.message : error);
}

/** @param {unknown} error */
export const getErrorMessage = (error) => (error instanceof Error ? error.message : String(error));

/** @param {unknown} error @returns {string | undefined} its `code`, such as `ENOENT` */
export const getErrorCode = (error) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
