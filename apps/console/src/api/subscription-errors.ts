import { CombinedGraphQLErrors } from '@apollo/client/errors';

/** The gateway ends a subscription with one of these codes when the client should subscribe again (docs/clients.md). */
const RETRYABLE_ERROR_CODES: readonly unknown[] = [
  'SERVER_SHUTTING_DOWN',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_EXPIRED',
  'SUBSCRIPTION_SCHEMA_RELOAD',
  'SUBGRAPH_UNAVAILABLE',
  'CURSOR_TOO_OLD',
  'RATE_LIMITED',
];

/** The codes of all errors in a result. */
export const listErrorCodes = (error: unknown): readonly unknown[] =>
  CombinedGraphQLErrors.is(error) ? error.errors.map(({ extensions }) => extensions?.['code']) : [];

/** Whether the client should subscribe again after this error. */
export const isRetryableError = (error: unknown): boolean =>
  listErrorCodes(error).some((code) => RETRYABLE_ERROR_CODES.includes(code));
