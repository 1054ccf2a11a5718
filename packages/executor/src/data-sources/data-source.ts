import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../shared/errors.js';
import { cloneJson, type JsonObject } from '../shared/json.js';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import type { ForwardedHeaders, OperationContext } from '../shared/operation-context.js';
import type { CircuitBreakerState } from './circuit-breaker.js';
import type { DataSourceStatistics } from './data-source-statistics.js';
import type { InstanceState } from './instance-health.js';

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

/** The context of one subscription at a subgraph. Several client subscriptions may share it. */
export interface SubgraphSubscriptionContext extends Pick<
  SubgraphFetchContext,
  'operationContext' | 'logger'
> {
  /** Returns the headers that identify the caller. Call it whenever the subscription is started: the caller may have renewed a token. */
  readonly headers?: (() => ForwardedHeaders) | undefined;
  /** Returns headers that do not influence the events, such as a trace id. */
  readonly traceHeaders?: (() => ForwardedHeaders) | undefined;
  /** Aborts when no client is subscribed any more. The data source must then release the resources of the subscription. */
  readonly signal: AbortSignal;
}

/** The operation of one fetch of a query plan, without variable values. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** The GraphQL document. */
  readonly query: string;
  /** The name of the one operation in `query`; equal for equal operations. */
  readonly operationName: string | undefined;
  /** `query` and `operationName` as serialized members of a request body: `"query":"…","operationName":"…"`. */
  readonly bodyMembers: string;
  /** Where the data belongs in the response: response keys from the root, with `@` for all elements of a list. */
  readonly path: readonly string[];
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
  path: readonly string[] = [],
): SubgraphOperation => ({
  kind,
  query,
  operationName,
  path,
  bodyMembers:
    `"query":${JSON.stringify(query)}` +
    (operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`),
});

/** A GraphQL response from a subgraph. */
export interface SubgraphResponse {
  readonly data?: JsonObject | null;
  readonly errors?: readonly SubgraphError[];
  readonly extensions?: JsonObject;
  /** The HTTP status of a response with errors, if it is one of an error. For messages only. */
  readonly errorStatus?: number;
  /** The size of a large response. Absent if it is small, or its size is unknown. */
  readonly byteCount?: number;
  /** The URL of the instance that has responded, or has failed last. For traces only. Absent if the subgraph has one instance. */
  readonly instance?: string;
}

/** An error in the response of a subgraph, or in place of a response. */
export interface SubgraphError extends GraphQLFormattedError {
  /** What went wrong in the data source. `formatError` and plugins can read it, clients cannot. */
  readonly originalError?: Error | undefined;
}

/** Copies a response for a further caller. The copy has the same errors, because nobody changes them. */
export const cloneSubgraphResponse = (response: SubgraphResponse): SubgraphResponse => ({
  ...response,
  ...(response.data !== undefined && { data: cloneJson(response.data) }),
  ...(response.extensions && { extensions: cloneJson(response.extensions) }),
});

/** Sends requests to one subgraph. */
export interface DataSource {
  /** The caller owns the response and may change it. */
  fetch(request: SubgraphRequest, context: SubgraphFetchContext): Promise<SubgraphResponse>;
  /**
   * Starts a subscription at the subgraph. Each item is the response to one event; the caller owns it and may change it. The
   * iteration ends when the subgraph completes the subscription.
   * @default the data source has no subscriptions: the subscription fields of the subgraph need a source of events
   * @throws SubgraphSubscriptionError (in the iteration) if the subgraph rejects the subscription, or cannot be reached
   */
  subscribe?(request: SubgraphRequest, context: SubgraphSubscriptionContext): AsyncIterable<SubgraphResponse>;
  /** Whether responses depend on `operationContext`. Then only requests of the same operation share a response. */
  readonly dependsOnOperationContext?: boolean;
  /** Why all requests fail until the supergraph is corrected: one clause without URLs. @default they can succeed */
  readonly problem?: string;
  /** `undefined` if the data source has no circuit breaker. With several instances: closed if that of one instance is. */
  readonly circuitBreakerState?: CircuitBreakerState;
  /** The instances that share the requests. Absent or empty if the data source does not know them. */
  readonly instances?: readonly SubgraphInstanceStatus[];
  /** `undefined` if the data source does not count its requests. */
  readonly statistics?: DataSourceStatistics | undefined;
  /**
   * Lets requests wait that are not sent yet, because the subgraph will be replaced. Resolves when no request is in flight.
   * @default the data source cannot wait
   */
  hold?(): Promise<void>;
  /** Ends `hold`: the requests that wait are sent. */
  release?(): void;
  /** Releases connections. Called once: when a reload has replaced the data source and no operation uses it, or at shutdown. */
  close?(): Promise<void>;
}

/** One of the instances to which a data source sends requests. */
export interface SubgraphInstanceStatus {
  readonly url: string;
  /** Only `available` ones get requests, unless there are none. */
  readonly state: InstanceState;
  readonly circuitBreakerState: CircuitBreakerState;
  /** Requests that are sent and not answered. */
  readonly runningRequests: number;
  /** Subscriptions that are open. */
  readonly subscriptions: number;
}

/** Ends a subscription at a subgraph. The clients receive the errors. */
export class SubgraphSubscriptionError extends Error {
  override name = 'SubgraphSubscriptionError';
  constructor(readonly errors: readonly SubgraphError[]) {
    super(errors.map(({ message }) => message).join(' '));
  }
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
  /** `status` is the HTTP status, if there is one. */
  | { readonly kind: 'invalid-response'; readonly reason: string; readonly status?: number }
  /** Its address is not followed. */
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** `url` is not an absolute `http` or `https` URL. */
  | { readonly kind: 'invalid-url'; readonly url: string }
  | { readonly kind: 'response-too-large'; readonly maxBytes: number }
  /** The caller of a subscription is not, or not validly, identified. */
  | { readonly kind: 'unauthenticated'; readonly reason: string }
  /** The caller may not subscribe. */
  | { readonly kind: 'forbidden'; readonly reason: string }
  | { readonly kind: 'too-many-subscriptions'; readonly maxSubscriptions: number }
  | { readonly kind: 'cancelled' };

const FAILURE_CODES = {
  unreachable: 'SUBGRAPH_UNAVAILABLE',
  unavailable: 'SUBGRAPH_UNAVAILABLE',
  'circuit-open': 'SUBGRAPH_UNAVAILABLE',
  timeout: 'SUBGRAPH_TIMEOUT',
  'invalid-response': 'SUBGRAPH_BAD_RESPONSE',
  redirect: 'SUBGRAPH_BAD_RESPONSE',
  'invalid-url': 'SUBGRAPH_UNAVAILABLE',
  'response-too-large': 'SUBGRAPH_BAD_RESPONSE',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'too-many-subscriptions': 'TOO_MANY_SUBSCRIPTIONS',
  cancelled: 'REQUEST_CANCELLED',
} as const satisfies Record<FetchFailure['kind'], ErrorCode>;

const FAILURE_SENTENCES = {
  unreachable: 'cannot be reached. Retry later.',
  unavailable: 'cannot respond now. Retry later.',
  'circuit-open': 'is temporarily unavailable (circuit breaker open). Retry later.',
  timeout: 'did not respond in time. Retry later.',
  'invalid-response': 'returned an invalid response.',
  redirect: 'redirects to another address, which is not followed. Correct its URL.',
  'invalid-url': 'has no valid URL. Set its routing URL in the supergraph.',
  'response-too-large': 'returned a response that is too large. Select less.',
  unauthenticated: 'does not accept the credentials of the subscription. Authenticate again.',
  forbidden: 'refuses the subscription.',
  'too-many-subscriptions':
    'already has as many subscriptions of this server as allowed. Subscribe again later.',
  cancelled: 'did not respond before the request was cancelled.',
} as const satisfies Record<FetchFailure['kind'], string>;

/**
 * Creates the error of a missing response. It names the subgraph and shows no URL. It has no path, because it concerns
 * everything that the fetch requested.
 * @param service the name of the subgraph; `undefined` if it is unknown
 */
export const createFetchFailureError = (
  service: string | undefined,
  failure: FetchFailure,
): SubgraphError => {
  const originalError = toOriginalError(failure);
  return {
    message: `The subgraph ${service === undefined ? '' : `"${service}" `}${FAILURE_SENTENCES[failure.kind]}`,
    extensions: { code: FAILURE_CODES[failure.kind] },
    ...(originalError && { originalError }),
  };
};

/** @returns undefined if the message for clients says everything */
function toOriginalError(failure: FetchFailure): Error | undefined {
  switch (failure.kind) {
    case 'unreachable':
      return failure.cause instanceof Error ? failure.cause : new Error(String(failure.cause));
    case 'unavailable':
      return new Error(`It responded with the HTTP status ${failure.status}.`);
    case 'invalid-response':
      return new Error(
        failure.status === undefined
          ? failure.reason
          : `It responded with the HTTP status ${failure.status}. ${failure.reason}`,
      );
    case 'timeout':
      return new Error(`It did not respond within ${failure.afterMs} ms.`);
    case 'redirect':
      return new Error(`It redirects to ${failure.location} with the HTTP status ${failure.status}.`);
    case 'invalid-url':
      return new Error(`Its URL is "${failure.url}".`);
    case 'response-too-large':
      return new Error(`Its response has more than ${failure.maxBytes} bytes.`);
    case 'unauthenticated':
    case 'forbidden':
      return new Error(failure.reason);
    case 'too-many-subscriptions':
      return new Error(`The maximum is ${failure.maxSubscriptions}.`);
    case 'circuit-open':
    case 'cancelled':
      return undefined;
  }
}
