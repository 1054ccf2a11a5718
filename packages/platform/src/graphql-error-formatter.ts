import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ExpectedError } from './errors.js';
import { correlationIdStorage, type Logger } from './logger.js';
import { toStorageError } from './storage-errors.js';

/**
 * Creates the function that decides what a caller sees of a resolver's error.
 *
 * Expected errors and errors in the request itself keep their message, code and path. A failure of the storage gets a code of its
 * own ({@link toStorageError}) and is logged. Any other error is a fault of the software: it is logged in full, and the caller gets
 * `INTERNAL_SERVER_ERROR`. Both have the correlation id of the log line.
 * @returns a function of the formatted error, the original error and the correlation id (default: the id of the
 *   current asynchronous context)
 */
export const createGraphQLErrorFormatter =
  (logger: Logger) =>
  (
    formatted: GraphQLFormattedError,
    error: unknown,
    correlationId = correlationIdStorage.getStore(),
  ): GraphQLFormattedError => {
    const original = unwrapResolverError(error);
    const code = formatted.extensions?.['code'];
    const isRequestError = original instanceof GraphQLError && code !== 'INTERNAL_SERVER_ERROR';
    const storageError = toStorageError(original);
    if (!storageError && (original instanceof ExpectedError || isRequestError)) return formatted;
    logger.error({ err: original, path: formatted.path, correlationId }, 'a resolver failed');
    const { locations, path } = formatted;
    return {
      message: storageError?.message ?? 'Internal server error',
      ...(locations && { locations }),
      ...(path && { path }),
      extensions: {
        code: storageError?.code ?? 'INTERNAL_SERVER_ERROR',
        ...(correlationId && { correlationId }),
      },
    };
  };
