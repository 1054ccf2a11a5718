import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { currentCorrelationId } from './correlation.js';
import type { Logger } from './logger.js';

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

/** One thing wrong with an input. */
export interface InputFault {
  /** Starts at the field's argument: `['input', 'name']`. */
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
}

/** Reports every fault of one input together: code `BAD_USER_INPUT`, with the faults under `extensions.faults`. */
export const badUserInputError = (faults: readonly InputFault[]): ExpectedError =>
  new ExpectedError('BAD_USER_INPUT', faults.map((fault) => fault.message).join(' '), { faults });

/** Why a process cannot start: sentences for the person who started it. {@link runService} prints them. */
export class StartError extends Error {
  override name = 'StartError';
}

/** The message of anything that was thrown. */
export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * Creates the function that decides what a caller sees of a resolver's error.
 *
 * Expected errors and errors in the request itself keep their message, code and path. Any other error is a fault of the
 * software: it is logged in full, and the caller gets `INTERNAL_SERVER_ERROR` with the correlation id of the log line.
 * @returns a function of the formatted error, the original error and the correlation id (default: the id of the
 *   current asynchronous context)
 */
export const createGraphQLErrorFormatter =
  (logger: Logger) =>
  (
    formatted: GraphQLFormattedError,
    error: unknown,
    correlationId = currentCorrelationId(),
  ): GraphQLFormattedError => {
    const original = unwrapResolverError(error);
    const code = formatted.extensions?.['code'];
    const isRequestError = original instanceof GraphQLError && code !== 'INTERNAL_SERVER_ERROR';
    if (original instanceof ExpectedError || isRequestError) return formatted;
    logger.error({ err: original, path: formatted.path, correlationId }, 'a resolver failed');
    const { locations, path } = formatted;
    return {
      message: 'Internal server error',
      ...(locations && { locations }),
      ...(path && { path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR', ...(correlationId && { correlationId }) },
    };
  };
