import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { createCodedError, createInternalError, type ErrorCode } from '../shared/errors.js';
import type { Logger } from '../shared/logger.js';
import type { SessionRequest } from './hooks.js';

/** What is wrong with an operation, as against a request that brings none. */
const OPERATION_FAULTS: readonly unknown[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'SUBSCRIPTION_NOT_SUPPORTED',
];

const STATUSES: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  FORBIDDEN: 403,
  INTERNAL_SERVER_ERROR: 500,
  SERVER_SHUTTING_DOWN: 503,
};

/** Why a client comes back by itself, and gets on: no fault of what it asks. */
const PASSING: readonly unknown[] = [
  'SERVER_SHUTTING_DOWN',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_EXPIRED',
  'TOKEN_EXPIRED',
];

/** Errors as a client may see them, with what HTTP says of them. */
export interface Refusal {
  readonly errors: readonly GraphQLFormattedError[];
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the operation is at fault: then plain JSON has the status 200, and an event stream tells it as a result. */
  readonly isOperationFault: boolean;
}

interface HttpExtension {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request's own fault, with the HTTP status that goes with it. */
export const requestFault = (
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): GraphQLError => new GraphQLError(message, { extensions: { code, http: { status, headers } } });

export const shuttingDown = (): GraphQLError =>
  createCodedError('SERVER_SHUTTING_DOWN', 'The server is shutting down; come back in a moment.');

export const expired = (): GraphQLError =>
  createCodedError('TOKEN_EXPIRED', 'The token has expired; come back with a new one.');

const codeOf = ({ extensions }: GraphQLFormattedError): unknown => extensions?.['code'];

/** Whether a client that has heard these is to come back with the same operation. */
export const isPassing = (errors: readonly GraphQLFormattedError[]): boolean =>
  errors.some((error) => PASSING.includes(codeOf(error)));

export interface FaultOptions {
  readonly formatError: (error: GraphQLError, opening: SessionRequest) => GraphQLFormattedError;
  readonly statuses: Readonly<Record<string, number>> | undefined;
  readonly logger: Logger;
}

export interface Faults {
  /** The HTTP status that goes with the codes of these. */
  statusOf(errors: readonly GraphQLFormattedError[]): number;
  /** Whatever was thrown on the way to an operation; the errors of an AggregateError one by one. */
  refuse(thrown: unknown, opening: SessionRequest): Refusal;
}

export function createFaults({ formatError, statuses, logger }: FaultOptions): Faults {
  const known = { ...STATUSES, ...statuses };
  const statusOf = (errors: readonly GraphQLFormattedError[]): number => {
    const code = errors.map(codeOf).find((each) => typeof each === 'string' && each in known);
    return known[code as string] ?? 400;
  };
  return {
    statusOf,
    refuse(thrown, opening) {
      const all: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
      const errors = all.map((each) => asGraphQLError(each, logger));
      const https = errors.map(({ extensions }) => extensions['http'] as HttpExtension | undefined);
      const told = errors.map((error) => withoutHttp(formatError(error, opening)));
      const given = https.find((http) => http?.status !== undefined)?.status;
      const status = given ?? statusOf(told);
      return {
        errors: told,
        status,
        headers: Object.assign(
          status === 401 ? { 'www-authenticate': 'Bearer' } : {},
          ...https.map((http) => http?.headers),
        ) as Record<string, string>,
        isOperationFault:
          given === undefined && told.every((error) => OPERATION_FAULTS.includes(codeOf(error))),
      };
    },
  };
}

function asGraphQLError(thrown: unknown, logger: Logger): GraphQLError {
  if (thrown instanceof Error) {
    const { extensions } = thrown as { extensions?: { code?: unknown } };
    if (typeof extensions?.code === 'string') {
      return thrown instanceof GraphQLError
        ? thrown
        : new GraphQLError(thrown.message, { originalError: thrown });
    }
  }
  logger.error({ err: thrown }, 'an operation could not be begun');
  return createInternalError(thrown);
}

/** What HTTP is told is not for the client's eyes. */
function withoutHttp(error: GraphQLFormattedError): GraphQLFormattedError {
  if (error.extensions?.['http'] === undefined) return error;
  const rest = Object.entries(error.extensions).filter(([name]) => name !== 'http');
  return { ...error, extensions: Object.fromEntries(rest) };
}
