import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../shared/errors.js';
import { ENTITIES_FIELD } from '../shared/graphql-ast.js';
import { isJsonObject, type JsonObject } from '../shared/json.js';

/** A GraphQL response from a subgraph. */
export interface SubgraphResponse {
  readonly data?: JsonObject | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: JsonObject;
}

/**
 * Parses the body of a subgraph's HTTP response. The status is ignored, because GraphQL errors come with several.
 * @param entityCount number of requested entities; `undefined` if none were requested
 * @throws Error that says what is wrong with the body
 */
export function parseSubgraphResponse(body: string, entityCount: number | undefined): SubgraphResponse {
  let response: unknown;
  try {
    response = JSON.parse(body);
  } catch {
    throw new Error('The body is not JSON.');
  }
  if (!isJsonObject(response)) throw new Error('The body is not an object.');
  const { data, errors, extensions } = response;
  if (data === undefined && errors === undefined) throw new Error('The body has neither data nor errors.');
  if (data !== undefined && data !== null && !isJsonObject(data)) {
    throw new Error('The data is not an object.');
  }
  if (errors !== undefined && !isErrorList(errors)) throw new Error('The errors are not a list of errors.');
  if (data && entityCount !== undefined) checkEntities(data[ENTITIES_FIELD], entityCount);
  return {
    ...(data !== undefined && { data }),
    ...(errors !== undefined && { errors }),
    ...(isJsonObject(extensions) && { extensions }),
  };
}

const isErrorList = (value: unknown): value is GraphQLFormattedError[] =>
  Array.isArray(value) && value.every((each) => isJsonObject(each) && typeof each['message'] === 'string');

function checkEntities(entities: unknown, expectedCount: number): void {
  if (!Array.isArray(entities)) throw new Error('The _entities are not a list.');
  if (entities.length !== expectedCount) {
    throw new Error(`The response has ${entities.length} entities; ${expectedCount} were requested.`);
  }
}

/** Why there is no response from a subgraph. */
export type FetchFailure =
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  /** The status is 502, 503 or 504: the subgraph or a proxy before it cannot respond now. */
  | { readonly kind: 'unavailable'; readonly status: number }
  | { readonly kind: 'circuit-open' }
  | { readonly kind: 'timeout'; readonly afterMs: number }
  | { readonly kind: 'invalid-response'; readonly reason: string; readonly status: number }
  | { readonly kind: 'response-too-large'; readonly maxBytes: number }
  | { readonly kind: 'cancelled' };

const FAILURE_CODES = {
  unreachable: 'SUBGRAPH_UNAVAILABLE',
  unavailable: 'SUBGRAPH_UNAVAILABLE',
  'circuit-open': 'SUBGRAPH_UNAVAILABLE',
  timeout: 'SUBGRAPH_TIMEOUT',
  'invalid-response': 'SUBGRAPH_BAD_RESPONSE',
  'response-too-large': 'SUBGRAPH_BAD_RESPONSE',
  cancelled: 'REQUEST_CANCELLED',
} as const satisfies Record<FetchFailure['kind'], ErrorCode>;

const FAILURE_SENTENCES = {
  unreachable: 'cannot be reached. Retry later.',
  unavailable: 'cannot respond now. Retry later.',
  'circuit-open': 'is temporarily unavailable (circuit breaker open). Retry later.',
  timeout: 'did not respond in time. Retry later.',
  'invalid-response': 'returned an invalid response.',
  'response-too-large': 'returned a response that is too large. Select less.',
  cancelled: 'did not respond before the request was cancelled.',
} as const satisfies Record<FetchFailure['kind'], string>;

/**
 * Creates the error of a missing response. It names the subgraph and shows no URL. It has no path, because it concerns
 * everything that the fetch requested.
 */
export const createFetchFailureError = (service: string, { kind }: FetchFailure): GraphQLFormattedError => ({
  message: `The subgraph "${service}" ${FAILURE_SENTENCES[kind]}`,
  extensions: { code: FAILURE_CODES[kind] },
});
