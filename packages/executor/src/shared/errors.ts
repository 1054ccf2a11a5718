import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { JsonPath } from './json.js';
import type { StructuredLogger } from './logger.js';

/** The values of `extensions.code` in errors that the executor itself creates. */
export type ErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'OPERATION_TOO_COMPLEX'
  | 'OPERATION_NOT_RESOLVABLE'
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
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_OPERATIONS'
  | 'OVERLOADED'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'UNAUTHORIZED_FIELD_OR_TYPE'
  | 'TOKEN_EXPIRED'
  | 'INTERNAL_SERVER_ERROR'
  | 'SERVER_SHUTTING_DOWN';

/**
 * Creates an error with `extensions.code`.
 * @param nodes the parts of the client's document that cause it; they give the error its `locations`
 */
export const createCodedError = (
  code: ErrorCode,
  message: string,
  nodes?: GraphQLError['nodes'],
): GraphQLError => new GraphQLError(message, { extensions: { code }, ...(nodes && { nodes }) });

/** Codes of a well-formed GraphQL request whose operation is wrong. */
const OPERATION_ERROR_CODES: readonly unknown[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_TOO_COMPLEX',
  'OPERATION_NOT_RESOLVABLE',
  'OPERATION_TOO_COSTLY',
  'OPERATION_NOT_ALLOWED',
  'BAD_USER_INPUT',
  'SUBSCRIPTION_NOT_SUPPORTED',
];

/** Whether the client's operation causes the error, and not the server, the transport or the state of the data. */
export const isOperationError = ({ extensions }: Pick<GraphQLFormattedError, 'extensions'>): boolean =>
  OPERATION_ERROR_CODES.includes(extensions?.['code']);

/** Returns the error with `extensions.code`: its existing code, or else the given one. */
export const addDefaultErrorCode = (error: GraphQLError, code: ErrorCode): GraphQLError =>
  error.extensions['code'] === undefined
    ? new GraphQLError(error.message, {
        nodes: error.nodes ?? null,
        source: error.source ?? null,
        positions: error.positions ?? null,
        path: error.path ?? null,
        originalError: error.originalError ?? null,
        extensions: { ...error.extensions, code },
      })
    : error;

/**
 * Creates the error of a field that the client may not access, with the message of Apollo's router.
 * @param path in the client's response keys; `undefined` for the operation as a whole
 */
export const createUnauthorizedError = (path: JsonPath | undefined): GraphQLError =>
  new GraphQLError('Unauthorized field or type', {
    ...(path && { path }),
    extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' satisfies ErrorCode },
  });

/**
 * Creates the error that clients see in place of an unexpected one.
 * @param thrown the unexpected value; `formatError` can read it as `originalError`, clients cannot
 */
export const createInternalError = (thrown?: unknown): GraphQLError =>
  new GraphQLError('Internal server error', {
    extensions: { code: 'INTERNAL_SERVER_ERROR' satisfies ErrorCode },
    originalError: thrown instanceof Error ? thrown : null,
  });

/** Creates the error that ends or rejects operations while the server shuts down. */
export const createShutdownError = (): GraphQLError =>
  createCodedError('SERVER_SHUTTING_DOWN', 'The server is shutting down. Try again in a moment.');

/**
 * Turns a thrown value into an error for clients. An `Error` with a string in `extensions.code` is expected and keeps its
 * message. Any other value is logged and masked.
 * @param logMessage the message of the log line
 * @param logDetails further properties of the log line
 */
export function toClientError(
  thrown: unknown,
  logger: StructuredLogger,
  logMessage: string,
  logDetails: object = {},
): GraphQLError {
  if (hasErrorCode(thrown)) {
    return thrown instanceof GraphQLError
      ? thrown
      : new GraphQLError(thrown.message, { originalError: thrown });
  }
  logger.error({ err: thrown, ...logDetails }, logMessage);
  return createInternalError(thrown);
}

const hasErrorCode = (thrown: unknown): thrown is Error =>
  thrown instanceof Error &&
  typeof (thrown as { extensions?: { code?: unknown } }).extensions?.code === 'string';

/**
 * Throws the reasons of rejected promises.
 * @param message the message of the `AggregateError`
 * @throws the only reason, or an `AggregateError` of several
 */
export function throwFailures(results: readonly PromiseSettledResult<unknown>[], message: string): void {
  const reasons = results.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  if (reasons.length > 1) throw new AggregateError(reasons, message);
  if (reasons.length === 1) throw reasons[0];
}
