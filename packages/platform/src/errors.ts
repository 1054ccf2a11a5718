import type { InputFault } from '@seguridad-abc/contracts';

/**
 * An error that the caller can act on. It reaches the caller unchanged, with its literal code. Any other error is
 * logged and masked.
 */
export class ExpectedError extends Error {
  /** graphql-js copies these extensions into the response. */
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ExpectedError';
    this.extensions = { ...details, code };
  }
}

/** Reports every fault of one input together: code `BAD_USER_INPUT`, with the faults under `extensions.faults`. */
export const createBadUserInputError = (faults: readonly InputFault[]): ExpectedError =>
  new ExpectedError('BAD_USER_INPUT', faults.map((fault) => fault.message).join(' '), { faults });

/** Code `UNAUTHENTICATED`: the request has no valid token. */
export const createUnauthenticatedError = (message: string): ExpectedError =>
  new ExpectedError('UNAUTHENTICATED', message);

/** Code `UNAUTHENTICATED`: the request has no token at all. */
export const createMissingTokenError = (): ExpectedError =>
  createUnauthenticatedError('The request has no token. Send the header: Authorization: Bearer <token>.');

/** Code `FORBIDDEN`: the caller is known but not allowed to do this. */
export const createForbiddenError = (message: string): ExpectedError =>
  new ExpectedError('FORBIDDEN', message);

/** Why a process cannot start: sentences for the person who started it. {@link runService} prints them. */
export class StartError extends Error {
  override name = 'StartError';
}

/** The message of anything that was thrown. */
export const getErrorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The code of an error of Node.js, such as ECONNREFUSED. */
export const getErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
