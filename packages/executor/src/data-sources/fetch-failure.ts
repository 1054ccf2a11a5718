import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../shared/errors.js';

/** Why a subgraph gave no answer. */
export type FetchFailure =
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  /** A proxy before it, or the subgraph itself, says that it cannot answer now. */
  | { readonly kind: 'unavailable'; readonly status: number }
  /** It has failed so often that it is not asked for a while. */
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'unreadable'; readonly why: string; readonly status: number }
  | { readonly kind: 'too-large'; readonly maxBytes: number }
  | { readonly kind: 'cancelled' };

const CODES = {
  unreachable: 'SUBGRAPH_UNAVAILABLE',
  unavailable: 'SUBGRAPH_UNAVAILABLE',
  'not-asked': 'SUBGRAPH_UNAVAILABLE',
  timeout: 'SUBGRAPH_TIMEOUT',
  unreadable: 'SUBGRAPH_BAD_RESPONSE',
  'too-large': 'SUBGRAPH_BAD_RESPONSE',
  cancelled: 'REQUEST_CANCELLED',
} as const satisfies Record<FetchFailure['kind'], ErrorCode>;

const SENTENCES = {
  unreachable: 'cannot be reached',
  unavailable: 'cannot answer now',
  'not-asked': 'is not asked for a moment, since it failed too often',
  timeout: 'did not answer in time',
  unreadable: 'gave an answer that cannot be read',
  'too-large': 'gave an answer that is too long',
  cancelled: 'was not waited for',
} as const satisfies Record<FetchFailure['kind'], string>;

/** The error that stands for the missing answer: it has no path, since it concerns all that was asked for. */
export const failureError = (service: string, { kind }: FetchFailure): GraphQLFormattedError => ({
  message: `Service "${service}" ${SENTENCES[kind]}.`,
  extensions: { code: CODES[kind] },
});
