import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { createCodedError, isOperationError, toClientError, type ErrorCode } from '../../shared/errors.js';
import type { StructuredLogger } from '../../shared/logger.js';
import type { SessionCredentials } from './client-request.js';

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  FORBIDDEN: 403,
  UNAUTHORIZED_FIELD_OR_TYPE: 403,
  INTERNAL_SERVER_ERROR: 500,
  SERVER_SHUTTING_DOWN: 503,
  OVERLOADED: 503,
};
const DEFAULT_STATUS = 400;

/** Codes after which a client may subscribe again with the same operation. */
const RETRYABLE_CODES: readonly unknown[] = [
  'SERVER_SHUTTING_DOWN',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_EXPIRED',
  'TOKEN_EXPIRED',
  'OVERLOADED',
  'RATE_LIMITED',
];

/** Errors for the client, with the HTTP status and headers of their response. */
export interface ErrorResponse {
  readonly errors: readonly GraphQLFormattedError[];
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Whether the operation is wrong, not the HTTP request. Then `application/json` responses have the status 200, and an
   * event stream carries the errors as a result.
   */
  readonly isOperationError: boolean;
}

/** The value of `extensions.http`, as in Apollo Server. */
interface HttpExtension {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Creates an error with its own HTTP status and headers, in `extensions.http`. */
export const createHttpError = (
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): GraphQLError => new GraphQLError(message, { extensions: { code, http: { status, headers } } });

/** Creates the error that ends a running subscription when the session of its client expires. */
export const createTokenExpiredError = (): GraphQLError =>
  createCodedError('TOKEN_EXPIRED', 'The token has expired. Subscribe again with a new one.');

/** Creates the error that rejects an operation which a client starts on a WebSocket after its session has expired. */
export const createSessionExpiredError = (): GraphQLError =>
  createCodedError('UNAUTHENTICATED', 'The token has expired. Send a new one in the payload of a ping.');

const getCode = ({ extensions }: GraphQLFormattedError): unknown => extensions?.['code'];

/** Whether a client may subscribe again with the same operation after these errors. */
export const canResubscribeAfterErrors = (errors: readonly GraphQLFormattedError[]): boolean =>
  errors.some((error) => RETRYABLE_CODES.includes(getCode(error)));

export interface ErrorResponderOptions {
  readonly formatError: (error: GraphQLError, request: SessionCredentials) => GraphQLFormattedError;
  /** HTTP statuses by error code; they override the defaults. */
  readonly statuses: Readonly<Record<string, number>> | undefined;
  readonly logger: StructuredLogger;
}

/** Turns errors into responses for clients. */
export interface ErrorResponder {
  /** @returns the HTTP status of the first error whose code has one; else 400 */
  getStatus(errors: readonly GraphQLFormattedError[]): number;
  /**
   * Formats a thrown value. Errors with `extensions.code` pass; others are logged and masked.
   * @param thrown the errors of an AggregateError become one error each
   */
  createErrorResponse(thrown: unknown, request: SessionCredentials): ErrorResponse;
}

export function createErrorResponder({
  formatError,
  statuses,
  logger,
}: ErrorResponderOptions): ErrorResponder {
  const statusByCode = { ...STATUS_BY_CODE, ...statuses };
  const getStatus = (errors: readonly GraphQLFormattedError[]): number => {
    const code = errors
      .map(getCode)
      .find((each) => typeof each === 'string' && Object.hasOwn(statusByCode, each));
    return statusByCode[code as string] ?? DEFAULT_STATUS;
  };
  return {
    getStatus,
    createErrorResponse(thrown, request) {
      const all: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
      const graphqlErrors = all.map((each) => toClientError(each, logger, 'operation failed to start'));
      const httpExtensions = graphqlErrors.map(
        ({ extensions }) => extensions['http'] as HttpExtension | undefined,
      );
      const errors = graphqlErrors.map((error) => omitHttpExtension(formatError(error, request)));
      const ownStatus = httpExtensions.find((http) => http?.status !== undefined)?.status;
      const status = ownStatus ?? getStatus(errors);
      return {
        errors,
        status,
        headers: Object.assign(
          status === 401 ? { 'www-authenticate': 'Bearer' } : {},
          ...httpExtensions.map((http) => http?.headers),
        ) as Record<string, string>,
        isOperationError: ownStatus === undefined && errors.every(isOperationError),
      };
    },
  };
}

function omitHttpExtension(error: GraphQLFormattedError): GraphQLFormattedError {
  if (error.extensions?.['http'] === undefined) return error;
  const rest = Object.entries(error.extensions).filter(([name]) => name !== 'http');
  return { ...error, extensions: Object.fromEntries(rest) };
}
