import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { currentCorrelationId } from './correlation.js';
import { ExpectedError } from './errors.js';
import type { Logger } from './logger.js';

/**
 * Decides what of an error a caller sees. Expected errors and those of a request's own making keep their message,
 * code and path; anything else is a fault of ours: logged whole, and told only by its correlation id.
 * @returns what is given the error as it would be told, the error itself, and the id where it is not that of the
 *   asynchronous context
 */
export const createErrorFormatter =
  (logger: Logger) =>
  (
    formatted: GraphQLFormattedError,
    error: unknown,
    correlationId = currentCorrelationId(),
  ): GraphQLFormattedError => {
    const original = unwrapResolverError(error);
    const code = formatted.extensions?.['code'];
    const requestFault = original instanceof GraphQLError && code !== 'INTERNAL_SERVER_ERROR';
    if (original instanceof ExpectedError || requestFault) return formatted;
    logger.error({ err: original, path: formatted.path, correlationId }, 'a resolver failed');
    const { locations, path } = formatted;
    return {
      message: 'Internal server error',
      ...(locations && { locations }),
      ...(path && { path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR', ...(correlationId && { correlationId }) },
    };
  };
