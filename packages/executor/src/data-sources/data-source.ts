import type { Logger } from '../shared/logger.js';
import type { ForwardedHeaders, OperationContext } from '../shared/operation-context.js';
import {
  createCircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerState,
  type RequestOutcome,
} from './circuit-breaker.js';
import {
  createHttpClient,
  isUnavailableStatus,
  type HttpClientOptions,
  type HttpResponse,
} from './http-client.js';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import { createQueryRetrier, type RetryOptions } from './query-retrier.js';
import {
  createFetchFailureError,
  parseSubgraphResponse,
  type FetchFailure,
  type SubgraphResponse,
} from './subgraph-response.js';

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

/** Options of {@link createDataSource}. */
export interface DataSourceOptions extends HttpClientOptions {
  /** Name of the subgraph in messages. */
  readonly name: string;
  /** Receives failed requests and changes of the circuit breaker, with the URL. */
  readonly logger: Logger;
  /** Time limit in milliseconds until the whole response has been read, including retries. @default 10_000 */
  readonly timeoutMs?: number;
  /** Retries of queries when the subgraph is unavailable. Mutations are sent once. */
  readonly retries?: RetryOptions;
  /** When requests to a failing subgraph are stopped. */
  readonly circuitBreaker?: CircuitBreakerOptions;
}

/**
 * Creates a data source that queries a subgraph over HTTP. Responses are passed on unchanged, including errors. If there
 * is no valid response, the result is an error that names the subgraph and shows no URL; the details are logged.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { name, url, logger, timeoutMs = 10_000 } = options;
  const client = createHttpClient(options);
  const queryRetrier = createQueryRetrier(options.retries);
  const circuitBreaker = createCircuitBreaker({
    ...options.circuitBreaker,
    onChange(state) {
      logger.warn({ service: name, url, state }, 'circuit breaker of a subgraph changed its state');
      options.circuitBreaker?.onChange?.(state);
    },
  });

  const send = async (
    request: SubgraphRequest,
    context: SubgraphFetchContext,
  ): Promise<HttpResponse | FetchFailure> => {
    const deadline = performance.now() + timeoutMs;
    const isRetryable = request.operation.kind === 'query';
    const { headers, traceHeaders, signal } = context;
    const httpRequest = { body: serializeBody(request), headers: [headers, traceHeaders], signal };
    if (isRetryable) queryRetrier.recordQuery();
    let result: HttpResponse | FetchFailure = { kind: 'circuit-open' };
    for (let retryCount = 0; ; retryCount++) {
      const leaveCircuitBreaker = circuitBreaker.enter();
      if (!leaveCircuitBreaker) return result;
      const remainingMs = Math.max(1, Math.round(deadline - performance.now()));
      result = await client.post({ ...httpRequest, timeoutMs: remainingMs });
      leaveCircuitBreaker(toRequestOutcome(result));
      const mayRetry =
        isRetryable && queryRetrier.waitForRetry(result, retryCount, () => context.abortSignal);
      if (mayRetry === false || !(await mayRetry)) return result;
    }
  };

  return {
    close: () => client.close(),
    get circuitBreakerState() {
      return circuitBreaker.state;
    },
    async fetch(request, context) {
      const result = parseResult(await send(request, context), request.entityCount);
      if (!('kind' in result)) return result;
      if (result.kind !== 'cancelled' && result.kind !== 'circuit-open') {
        const details = { service: name, url, ...result };
        (context.logger?.() ?? logger).warn(details, 'no valid response from a subgraph');
      }
      return { data: null, errors: [createFetchFailureError(name, result)] };
    },
  };
}

const serializeBody = ({ operation, variables }: SubgraphRequest): string =>
  `{${operation.bodyMembers},"variables":${variables}}`;

function toRequestOutcome(result: HttpResponse | FetchFailure): RequestOutcome {
  if (!('kind' in result)) return isUnavailableStatus(result.status) ? 'failed' : 'succeeded';
  return result.kind === 'unreachable' || result.kind === 'timeout' ? 'failed' : undefined;
}

function parseResult(
  result: HttpResponse | FetchFailure,
  entityCount: number | undefined,
): SubgraphResponse | FetchFailure {
  if ('kind' in result) return result;
  const { status, text } = result;
  try {
    return parseSubgraphResponse(text, entityCount);
  } catch (error) {
    if (isUnavailableStatus(status)) return { kind: 'unavailable', status };
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid-response', reason, status };
  }
}
