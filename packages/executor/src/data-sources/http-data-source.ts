import { selectLogger, toStructuredLogger, type Logger, type StructuredLogger } from '../shared/logger.js';
import { createCallerQueues } from './caller-queues.js';
import { createCircuitBreaker, type CircuitBreakerOptions, type RequestOutcome } from './circuit-breaker.js';
import { DataSourceRecorder } from './data-source-recorder.js';
import {
  createFetchFailureError,
  type DataSource,
  type FetchFailure,
  type SubgraphFetchContext,
  type SubgraphRequest,
  type SubgraphResponse,
} from './data-source.js';
import {
  createHttpClient,
  decodeChunks,
  DEFAULT_CONNECTIONS,
  parseEndpointUrl,
  type HttpClientOptions,
  type HttpResponse,
} from './http-client.js';
import { LARGE_RESPONSE_BYTES, largeResponseTurns } from './large-response-turns.js';
import { createQueryRetrier, type RetryOptions } from './query-retrier.js';
import { createSubgraphGate } from './subgraph-gate.js';
import { parseSubgraphResponse } from './subgraph-response.js';
import {
  createSubgraphSubscriptions,
  type SubgraphSubscriptionOptions,
  type SubgraphSubscriptions,
} from './subgraph-subscriptions.js';

/** Options of {@link createDataSource}. */
export interface DataSourceOptions extends HttpClientOptions {
  /** Name of the subgraph in messages. */
  readonly name: string;
  /** Receives failed requests and changes of the circuit breaker, with the URL. */
  readonly logger: Logger;
  /** Time limit in milliseconds until the whole response has been read, including retries. @default 10_000 */
  readonly timeoutMs?: number;
  /**
   * Maximum number of requests that run at the same time for one caller, see `fairnessKey` of the operation context. Further
   * requests of the caller wait, so that the connections left over serve others. @default a fifth of the connections
   */
  readonly maxRequestsPerCaller?: number;
  /** Retries of queries when the subgraph is unavailable. Mutations are sent once. */
  readonly retries?: RetryOptions;
  /**
   * How long requests that are not sent yet wait, in milliseconds, while the subgraph is being replaced: its port refuses
   * connections, or `hold` was called. They fail when a port stays closed for longer, and then at once until it opens. The time
   * limit of a request does not include this time.
   * @default 0 // they do not wait
   */
  readonly maxReplacementWaitMs?: number;
  /** When requests to a failing subgraph are stopped. */
  readonly circuitBreaker?: CircuitBreakerOptions;
  /** How subscriptions are started at the subgraph. @default its subscription fields need a source of events */
  readonly subscriptions?: SubgraphSubscriptionOptions | undefined;
}

/**
 * Creates a data source that queries a subgraph over HTTP. Responses are passed on unchanged, including errors. If there
 * is no valid response, the result is an error that names the subgraph and shows no URL; the details are logged.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { name, url, timeoutMs = 10_000, connections = DEFAULT_CONNECTIONS } = options;
  const { maxRequestsPerCaller = Math.ceil(connections / 5), maxReplacementWaitMs = 0 } = options;
  const logger = toStructuredLogger(options.logger);
  const subscriptions =
    options.subscriptions && createSubgraphSubscriptions({ ...options, logger }, options.subscriptions);
  const endpoint = parseEndpointUrl(url);
  if (!endpoint) return createUnreachableDataSource(name, url, logger, subscriptions);
  const client = createHttpClient(endpoint, {
    ...options,
    onRedirect(path) {
      logger.warn(
        { service: name, url, path },
        'a subgraph redirects all requests; set its URL to the new address',
      );
    },
  });
  const queryRetrier = createQueryRetrier(options.retries);
  const circuitBreaker = createCircuitBreaker({
    ...options.circuitBreaker,
    onChange(state) {
      const level = state === 'closed' ? 'info' : 'warn';
      logger[level]({ service: name, url, state }, 'circuit breaker of a subgraph changed its state');
      options.circuitBreaker?.onChange?.(state);
    },
  });

  const gate = createSubgraphGate(endpoint, {
    maxWaitMs: maxReplacementWaitMs,
    onReachable: () => circuitBreaker.reset(),
  });
  const callerQueues = createCallerQueues(maxRequestsPerCaller);
  const statistics = new DataSourceRecorder(() => callerQueues.waitingCount);

  const send = async (
    request: SubgraphRequest,
    context: SubgraphFetchContext,
    firstDeadline: number,
  ): Promise<HttpResponse | FetchFailure> => {
    let deadline = firstDeadline;
    const isRetryable = request.operation.kind === 'query';
    const { headers, traceHeaders, signal } = context;
    const body = serializeBody(request);
    const headerGroups = [headers, traceHeaders];
    if (isRetryable) queryRetrier.recordQuery();
    let result: HttpResponse | FetchFailure = { kind: 'circuit-open' };
    let remainingWaitMs = maxReplacementWaitMs;
    let mayWait = true;
    for (let retryCount = 0; ; retryCount++) {
      if (mayWait && gate.isClosed) {
        const waitStart = performance.now();
        mayWait = await gate.wait(body.length, remainingWaitMs, signal);
        const waitedMs = performance.now() - waitStart;
        remainingWaitMs -= waitedMs;
        deadline += waitedMs;
        if (signal.aborted) return { kind: 'cancelled' };
        // A request that was not sent yet is sent now: its failure has the reason.
        if (!mayWait && retryCount > 0) return result;
      }
      const leaveCircuitBreaker = circuitBreaker.enter();
      if (!leaveCircuitBreaker) return result;
      const remainingMs = Math.max(1, Math.round(deadline - performance.now()));
      gate.enter();
      result = await client.post({ body, headers: headerGroups, signal, timeoutMs: remainingMs });
      gate.leave();
      if (isUnreachable(result) && gate.reportUnreachable() && isUnsent(result)) {
        if (mayWait && performance.now() < deadline) {
          leaveCircuitBreaker(undefined);
          continue;
        }
      }
      leaveCircuitBreaker(toRequestOutcome(result));
      const mayRetry =
        isRetryable &&
        isTransient(result) &&
        queryRetrier.waitForRetry(retryCount, () => context.abortSignal);
      if (mayRetry === false || !(await mayRetry)) return result;
      statistics.retries += 1;
    }
  };

  /** @returns a failure if the turn has not come in time; otherwise the caller has a turn */
  const waitForTurn = (key: string, { signal }: SubgraphFetchContext): Promise<FetchFailure | undefined> =>
    new Promise((resolve) => {
      const settle = (failure: FetchFailure | undefined) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        resolve(failure);
      };
      const onTurn = () => settle(undefined);
      const giveUp = (failure: FetchFailure) => {
        if (callerQueues.giveUp(key, onTurn)) settle(failure);
      };
      const cancel = () => giveUp({ kind: 'cancelled' });
      const timer = setTimeout(() => giveUp({ kind: 'timeout', afterMs: timeoutMs }), timeoutMs);
      signal.addEventListener('abort', cancel);
      callerQueues.wait(key, onTurn);
    });

  return {
    ...(subscriptions && { subscribe: subscriptions.subscribe }),
    async close() {
      gate.close();
      await subscriptions?.close();
      await client.close();
    },
    hold: () => gate.hold(),
    release: () => gate.release(),
    get circuitBreakerState() {
      return circuitBreaker.state;
    },
    statistics,
    async fetch(request, context) {
      const startedAt = performance.now();
      const deadline = startedAt + timeoutMs;
      const callerKey = context.operationContext?.fairnessKey;
      let received: HttpResponse | FetchFailure | undefined;
      if (callerKey !== undefined && !callerQueues.enter(callerKey))
        received = await waitForTurn(callerKey, context);
      // Not functions of their own: every further promise costs each request.
      if (!received) {
        statistics.runningRequests += 1;
        try {
          received = await send(request, context, deadline);
        } finally {
          statistics.runningRequests -= 1;
          if (callerKey !== undefined) callerQueues.leave(callerKey);
        }
      }
      if (!('kind' in received) && received.size > LARGE_RESPONSE_BYTES) {
        await largeResponseTurns.wait(callerKey, received.size);
        if (context.signal.aborted) received = { kind: 'cancelled' };
      }
      const result = parseResult(received, request.entityCount);
      statistics.recordEnd(result, performance.now() - startedAt);
      if (!('kind' in result)) return result;
      if (result.kind !== 'cancelled' && result.kind !== 'circuit-open') {
        const details = { service: name, url, ...result };
        selectLogger(context, logger).warn(details, 'no valid response from a subgraph');
      }
      return { data: null, errors: [createFetchFailureError(name, result)] };
    },
  };
}

/** Creates a data source whose requests all fail, so that the other subgraphs are served. */
function createUnreachableDataSource(
  name: string,
  url: string,
  logger: StructuredLogger,
  subscriptions: SubgraphSubscriptions | undefined,
): DataSource {
  logger.warn(
    { service: name, url },
    'a subgraph has no valid URL, so that its fields fail; set an absolute http or https URL in the supergraph',
  );
  const failure: FetchFailure = { kind: 'invalid-url', url };
  return {
    ...subscriptions,
    problem: 'has no valid URL',
    fetch: () => Promise.resolve({ data: null, errors: [createFetchFailureError(name, failure)] }),
  };
}

const serializeBody = ({ operation, variables }: SubgraphRequest): string =>
  `{${operation.bodyMembers},"variables":${variables}}`;

function toRequestOutcome(result: HttpResponse | FetchFailure): RequestOutcome {
  if (!('kind' in result)) return isUnavailableStatus(result.status) ? 'failed' : 'succeeded';
  return result.kind === 'unreachable' || result.kind === 'timeout' ? 'failed' : undefined;
}

const isUnreachable = (
  result: HttpResponse | FetchFailure,
): result is Extract<FetchFailure, { kind: 'unreachable' }> =>
  'kind' in result && result.kind === 'unreachable';

/** Whether no byte of the request was sent, so that it can be sent again even if it is a mutation. */
const isUnsent = ({ cause }: { readonly cause: unknown }): boolean =>
  (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';

/** Whether a query may succeed if it is sent again: after a broken connection, and after the statuses 502, 503 and 504. */
const isTransient = (result: HttpResponse | FetchFailure): boolean =>
  'kind' in result ? result.kind === 'unreachable' : isUnavailableStatus(result.status);

function parseResult(
  result: HttpResponse | FetchFailure,
  entityCount: number | undefined,
): SubgraphResponse | FetchFailure {
  if ('kind' in result) return result;
  const { status, chunks, size } = result;
  try {
    const response = parseSubgraphResponse(decodeChunks(chunks), entityCount);
    if (size > LARGE_RESPONSE_BYTES) response.byteCount = size;
    return response.errors && status >= 400 ? { ...response, errorStatus: status } : response;
  } catch (error) {
    if (isUnavailableStatus(status)) return { kind: 'unavailable', status };
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid-response', reason, status };
  }
}

/** Whether a status means that a service, or a proxy before it, cannot respond now. */
const isUnavailableStatus = (status: number): boolean => status >= 502 && status <= 504;
