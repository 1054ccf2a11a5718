import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import type { ForwardedHeaders, OperationContext } from '../shared/operation-context.js';
import type { CircuitBreakerState } from './circuit-breaker.js';

/** The context of one subgraph request. Several client requests may share it. */
export interface SubgraphFetchContext extends Pick<OperationContext, 'logger'> {
  /** Headers that identify the caller. Forward them to the subgraph. */
  readonly headers?: ForwardedHeaders | undefined;
  /** Headers that do not influence the response, such as a trace id. */
  readonly traceHeaders?: ForwardedHeaders | undefined;
  /** The context of the operation; of one of them if several share the request. Absent outside of operations. */
  readonly operationContext?: OperationContext | undefined;
  /** Aborts when all client requests that share the subgraph request have ended. */
  readonly signal: AbortSignalLike;
  /** A Node.js `AbortSignal` that aborts together with `signal`. Created on first use. */
  readonly abortSignal: AbortSignal;
}

/** The operation of one fetch of a query plan, without variable values. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation';
  /** The GraphQL document. */
  readonly query: string;
  /** The name of the one operation in `query`; equal for equal operations. */
  readonly operationName: string | undefined;
  /** `query` and `operationName` as serialized members of a request body: `"query":"…","operationName":"…"`. */
  readonly bodyMembers: string;
}

/** One request to a subgraph. */
export interface SubgraphRequest {
  readonly operation: SubgraphOperation;
  /** The variable values as JSON text. */
  readonly variables: string;
  /** Number of requested entities; `undefined` if the operation requests none. */
  readonly entityCount: number | undefined;
}

/** Serializes the operation once, so that each request only adds its variables. */
export const createSubgraphOperation = (
  kind: SubgraphOperation['kind'],
  query: string,
  operationName: string | undefined,
): SubgraphOperation => ({
  kind,
  query,
  operationName,
  bodyMembers:
    `"query":${JSON.stringify(query)}` +
    (operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`),
});

/** A GraphQL response from a subgraph. */
export interface SubgraphResponse {
  readonly data?: JsonObject | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: JsonObject;
}

/** Sends requests to one subgraph. */
export interface DataSource {
  /** The caller owns the response and may change it. */
  fetch(request: SubgraphRequest, context: SubgraphFetchContext): Promise<SubgraphResponse>;
  /** Whether responses depend on `operationContext`. Then only requests of the same operation share a response. */
  readonly dependsOnOperationContext?: boolean;
  /** `undefined` if the data source has no circuit breaker. */
  readonly circuitBreakerState?: CircuitBreakerState;
  /** Releases connections. Called once: when a reload has replaced the data source and no operation uses it, or at shutdown. */
  close?(): Promise<void>;
}

/** Data sources by the subgraph names that the query plan uses. */
export type DataSources = Readonly<Record<string, DataSource>>;

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
 * @param service the name of the subgraph; `undefined` if it is unknown
 */
export const createFetchFailureError = (
  service: string | undefined,
  { kind }: FetchFailure,
): GraphQLFormattedError => ({
  message: `The subgraph ${service === undefined ? '' : `"${service}" `}${FAILURE_SENTENCES[kind]}`,
  extensions: { code: FAILURE_CODES[kind] },
});
