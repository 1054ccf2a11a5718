import { GraphQLError } from 'graphql';
import type { Logger } from './logger.js';

/** The codes that the executor itself gives, under `extensions.code`. */
export type ErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'OPERATION_TOO_COMPLEX'
  | 'BAD_USER_INPUT'
  | 'SUBSCRIPTION_NOT_SUPPORTED'
  | 'SUBSCRIBER_TOO_SLOW'
  | 'CURSOR_TOO_OLD'
  | 'SUBSCRIPTION_EXPIRED'
  | 'SUBSCRIPTION_SCHEMA_RELOAD'
  | 'TOO_MANY_SUBSCRIPTIONS'
  | 'SUBGRAPH_UNAVAILABLE'
  | 'SUBGRAPH_TIMEOUT'
  | 'SUBGRAPH_BAD_RESPONSE'
  | 'DOWNSTREAM_SERVICE_ERROR'
  | 'DEPENDENCY_FAILED'
  | 'REQUEST_CANCELLED'
  | 'BAD_REQUEST'
  | 'METHOD_NOT_ALLOWED'
  | 'NOT_ACCEPTABLE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'PAYLOAD_TOO_LARGE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_OPERATIONS'
  | 'UNAUTHENTICATED'
  | 'TOKEN_EXPIRED'
  | 'INTERNAL_SERVER_ERROR'
  | 'SERVER_SHUTTING_DOWN';

export const createCodedError = (
  code: ErrorCode,
  message: string,
  nodes?: GraphQLError['nodes'],
): GraphQLError => new GraphQLError(message, { extensions: { code }, ...(nodes && { nodes }) });

/** The same error with a code, where it has none of its own. */
export const addDefaultErrorCode = (error: GraphQLError, code: ErrorCode): GraphQLError =>
  error.extensions['code'] === undefined
    ? new GraphQLError(error.message, { ...optionsOf(error), extensions: { ...error.extensions, code } })
    : error;

const optionsOf = (error: GraphQLError) => ({
  nodes: error.nodes ?? null,
  source: error.source ?? null,
  positions: error.positions ?? null,
  path: error.path ?? null,
  originalError: error.originalError ?? null,
});

/**
 * What is told of a fault that is not the caller's: the details are in the log.
 * @param thrown for whoever formats the error; it is not told
 */
export const createInternalError = (thrown?: unknown): GraphQLError =>
  new GraphQLError('Internal server error', {
    extensions: { code: 'INTERNAL_SERVER_ERROR' satisfies ErrorCode },
    originalError: thrown instanceof Error ? thrown : null,
  });

/** Whatever was thrown, as a caller may hear it: as it is where it has a code, and masked, with a line in the log. */
export function toClientError(thrown: unknown, logger: Logger, details: object): GraphQLError {
  if (thrown instanceof Error) {
    const { extensions } = thrown as { extensions?: { code?: unknown } };
    if (typeof extensions?.code === 'string') {
      return thrown instanceof GraphQLError
        ? thrown
        : new GraphQLError(thrown.message, { originalError: thrown });
    }
  }
  logger.error({ err: thrown, ...details }, 'a source of events failed');
  return createInternalError(thrown);
}
