import { selectLogger, toStructuredLogger, type Logger, type StructuredLogger } from '../shared/logger.js';
import { createCallerQueues, type CallerQueues } from './caller-queues.js';
import type { CircuitBreakerOptions, RequestOutcome } from './circuit-breaker.js';
import { isConnectError } from './connect-error.js';
import { DataSourceRecorder } from './data-source-recorder.js';
import {
  createFetchFailureError,
  type DataSource,
  type FetchFailure,
  type SubgraphFetchContext,
  type SubgraphRequest,
} from './data-source.js';
import {
  createTrustingContext,
  decodeChunks,
  DEFAULT_CONNECTIONS,
  parseEndpointUrl,
  type HttpClientOptions,
  type HttpResponse,
} from './http-client.js';
import type { InstanceCheckOptions } from './instance-check.js';
import { LARGE_RESPONSE_BYTES, largeResponseTurns } from './large-response-turns.js';
import { createQueryRetrier, type RetryOptions } from './query-retrier.js';
import { createSubgraphGate } from './subgraph-gate.js';
import {
  combineCircuitBreakerStates,
  createInstanceSelector,
  createSubgraphInstance,
  describeInstance,
  isInService,
  type SubgraphInstance,
} from './subgraph-instances.js';
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
  /**
   * URL of the subgraph's GraphQL endpoint: absolute, with `http` or `https`. With any other URL, all requests fail with an error
   * that names the subgraph. Several URLs are those of its instances, which share the requests; all limits are those of the subgraph.
   */
  readonly url: string | readonly string[];
  /** How the data source finds out which of several instances accept requests. */
  readonly instanceChecks?: InstanceCheckOptions | undefined;
  /** Receives failed requests and changes of the circuit breaker, with the URL. */
  readonly logger: Logger;
  /** Time limit in milliseconds until the whole response has been read, including retries. @default 10_000 */
  readonly timeoutMs?: number;
  /**
   * Maximum number of requests that run at the same time for one caller, see `fairnessKey` of the operation context. Further
   * requests of the caller wait, so that the connections left over serve others. @default a fifth of the connections
   */
  readonly maxRequestsPerCaller?: number;
  /**
   * Retries of queries when the subgraph is unavailable. Mutations are sent once, unless no connection was opened. With several
   * instances, a query whose connection fails goes to each other available instance at once, which uses no retry.
   */
  readonly retries?: RetryOptions;
  /**
   * How long requests that are not sent yet wait, in milliseconds, while the subgraph is being replaced: its port refuses
   * connections, or `hold` was called. They fail when a port stays closed for longer, and then at once until it opens. The time
   * limit of a request does not include this time.
   * @default 0 // they do not wait
   */
  readonly maxReplacementWaitMs?: number;
  /** When requests to a failing subgraph are stopped; of several instances, each has its own circuit breaker. */
  readonly circuitBreaker?: CircuitBreakerOptions;
  /** How subscriptions are started at the subgraph. @default its subscription fields need a source of events */
  readonly subscriptions?: SubgraphSubscriptionOptions | undefined;
}

/**
 * Creates a data source that queries a subgraph over HTTP. Responses are passed on unchanged, including errors. If there
 * is no valid response, the result is an error that names the subgraph and shows no URL; the details are logged.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { name, timeoutMs = 10_000, connections = DEFAULT_CONNECTIONS } = options;
  const { maxRequestsPerCaller = Math.ceil(connections / 5), maxReplacementWaitMs = 0 } = options;
  const logger = toStructuredLogger(options.logger);
  const instances = createInstances(options, logger);
  const subscriptions =
    options.subscriptions &&
    createSubgraphSubscriptions({ ...options, logger, instances }, options.subscriptions);
  if (!isFilled(instances)) {
    return createUnreachableDataSource(name, String(options.url), logger, subscriptions);
  }
  const queryRetrier = createQueryRetrier(options.retries);
  const [firstInstance] = instances;
  const hasPeers = instances.length > 1;
  const selectInstance = createInstanceSelector(instances, ({ runningCount }) => runningCount);

  const gate = createSubgraphGate(
    instances.map(({ url }) => new URL(url)),
    {
      maxWaitMs: maxReplacementWaitMs,
      onReachable() {
        if (!hasPeers) firstInstance.circuitBreaker.reset();
      },
    },
  );
  const callerQueues = createCallerQueues(maxRequestsPerCaller);
  /** The requests to all instances. Each instance has connections for all of them. */
  const requestQueue = hasPeers ? createCallerQueues(connections) : undefined;
  const statistics = new DataSourceRecorder(
    () => callerQueues.waitingCount + (requestQueue?.waitingCount ?? 0),
  );

  /** Whether a request whose connection has failed can be sent to another instance at once. */
  const hasUntriedInstance = (tried: ReadonlySet<SubgraphInstance>) =>
    instances.some((instance) => !tried.has(instance) && isInService(instance));

  const send = async (
    request: SubgraphRequest,
    context: SubgraphFetchContext,
    firstDeadline: number,
  ): Promise<SentResult> => {
    let deadline = firstDeadline;
    const isRetryable = request.operation.kind === 'query';
    const { headers, traceHeaders, signal } = context;
    const body = serializeBody(request);
    const headerGroups = [headers, traceHeaders];
    if (isRetryable) queryRetrier.recordQuery();
    let result: HttpResponse | FetchFailure = { kind: 'circuit-open' };
    let instance = firstInstance;
    let tried: Set<SubgraphInstance> | undefined;
    let remainingWaitMs = maxReplacementWaitMs;
    let mayWait = true;
    let retryCount = 0;
    for (let attemptCount = 0; ; attemptCount++) {
      if (mayWait && gate.isClosed) {
        const waitStart = performance.now();
        mayWait = await gate.wait(body.length, remainingWaitMs, signal);
        const waitedMs = performance.now() - waitStart;
        remainingWaitMs -= waitedMs;
        deadline += waitedMs;
        if (signal.aborted) return { instance, result: { kind: 'cancelled' } };
        // A request that was not sent yet is sent now: its failure has the reason.
        if (!mayWait && attemptCount > 0) return { instance, result };
      }
      const selected = selectInstance(tried);
      const leaveCircuitBreaker = selected.circuitBreaker.enter();
      if (!leaveCircuitBreaker) return { instance, result };
      instance = selected;
      const remainingMs = Math.max(1, Math.round(deadline - performance.now()));
      gate.enter();
      instance.runningCount += 1;
      result = await instance.client.post({
        body,
        headers: headerGroups,
        signal,
        timeoutMs: remainingMs,
        // The result of a mutation is awaited: nobody else knows it.
        running: hasPeers && isRetryable ? instance.running : undefined,
      });
      instance.runningCount -= 1;
      gate.leave();
      if (hasPeers && isTransient(result)) {
        tried ??= new Set();
        tried.add(instance);
      }
      if (isUnreachable(result)) {
        const mayResend = performance.now() < deadline;
        const isUnsent = isConnectError(result.cause);
        if (tried) {
          instance.reportFailedConnection();
          if (mayResend && (isRetryable || isUnsent) && hasUntriedInstance(tried)) {
            leaveCircuitBreaker('failed');
            statistics.retries += 1;
            continue;
          }
        }
        if (gate.reportUnreachable() && isUnsent && mayWait && mayResend) {
          leaveCircuitBreaker(undefined);
          tried?.clear();
          continue;
        }
      }
      leaveCircuitBreaker(toRequestOutcome(result));
      const mayRetry =
        isRetryable &&
        isTransient(result) &&
        queryRetrier.waitForRetry(retryCount, () => context.abortSignal);
      if (mayRetry === false || !(await mayRetry)) return { instance, result };
      retryCount += 1;
      statistics.retries += 1;
      // An instance that is in service is better than one that is known to refuse connections.
      if (tried && !hasUntriedInstance(tried)) tried.clear();
    }
  };

  /** @returns a failure if the turn has not come in time; otherwise the caller has a turn */
  const waitForTurn = (
    queues: CallerQueues,
    key: string,
    { signal }: SubgraphFetchContext,
    deadline: number,
  ): Promise<FetchFailure | undefined> =>
    new Promise((resolve) => {
      const settle = (failure: FetchFailure | undefined) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        resolve(failure);
      };
      const onTurn = () => settle(undefined);
      const giveUp = (failure: FetchFailure) => {
        if (queues.giveUp(key, onTurn)) settle(failure);
      };
      const cancel = () => giveUp({ kind: 'cancelled' });
      const timer = setTimeout(
        () => giveUp({ kind: 'timeout', afterMs: timeoutMs }),
        deadline - performance.now(),
      );
      signal.addEventListener('abort', cancel);
      queues.wait(key, onTurn);
    });

  return {
    ...(subscriptions && { subscribe: subscriptions.subscribe }),
    async close() {
      gate.close();
      await subscriptions?.close();
      await Promise.all(instances.map((instance) => instance.close()));
    },
    hold: () => gate.hold(),
    release: () => gate.release(),
    get circuitBreakerState() {
      return combineCircuitBreakerStates(instances.map(({ circuitBreaker }) => circuitBreaker.state));
    },
    get instances() {
      return instances.map(describeInstance);
    },
    statistics,
    async fetch(request, context) {
      const startedAt = performance.now();
      const deadline = startedAt + timeoutMs;
      const callerKey = context.operationContext?.fairnessKey;
      let received: HttpResponse | FetchFailure | undefined;
      let instance: SubgraphInstance | undefined;
      if (callerKey !== undefined && !callerQueues.enter(callerKey))
        received = await waitForTurn(callerQueues, callerKey, context, deadline);
      // Not functions of their own: every further promise costs each request.
      if (!received) {
        let isQueued = false;
        try {
          if (requestQueue && !requestQueue.enter(ALL_CALLERS))
            received = await waitForTurn(requestQueue, ALL_CALLERS, context, deadline);
          if (!received) {
            isQueued = true;
            statistics.runningRequests += 1;
            ({ instance, result: received } = await send(request, context, deadline));
          }
        } finally {
          if (isQueued) {
            statistics.runningRequests -= 1;
            requestQueue?.leave(ALL_CALLERS);
          }
          if (callerKey !== undefined) callerQueues.leave(callerKey);
        }
      }
      if (!('kind' in received) && received.size > LARGE_RESPONSE_BYTES) {
        await largeResponseTurns.wait(callerKey, received.size);
        if (context.signal.aborted) received = { kind: 'cancelled' };
      }
      const result = parseResult(received, request.entityCount);
      statistics.recordEnd(result, performance.now() - startedAt);
      if (!('kind' in result)) {
        if (hasPeers && instance) result.instance = instance.url;
        return result;
      }
      if (result.kind !== 'cancelled' && result.kind !== 'circuit-open') {
        const details = { service: name, url: (instance ?? firstInstance).url, ...result };
        selectLogger(context, logger).warn(details, 'no valid response from a subgraph');
      }
      return {
        data: null,
        errors: [createFetchFailureError(name, result)],
        ...(hasPeers && instance && { instance: instance.url }),
      };
    },
  };
}

/** @returns an empty list if one of the URLs is not valid */
function createInstances(
  { name, url: urls, instanceChecks = {}, certificateAuthorities = [], ...http }: DataSourceOptions,
  logger: StructuredLogger,
): readonly SubgraphInstance[] {
  const endpoints = new Map<string, URL>();
  for (const url of typeof urls === 'string' ? [urls] : urls) {
    const endpoint = parseEndpointUrl(url);
    if (!endpoint) return [];
    endpoints.set(endpoint.href, endpoint);
  }
  return [...endpoints.values()].map((endpoint) =>
    createSubgraphInstance(endpoint, {
      name,
      logger,
      http,
      circuitBreaker: http.circuitBreaker,
      checks: instanceChecks,
      hasPeers: endpoints.size > 1,
      secureContext: createTrustingContext(endpoint, certificateAuthorities),
    }),
  );
}

const isFilled = <Item>(items: readonly Item[]): items is readonly [Item, ...Item[]] => items.length > 0;

/** The key of the queue of all requests. */
const ALL_CALLERS = '';

/** The result of a request, and the instance to which it was sent last. */
interface SentResult {
  readonly instance: SubgraphInstance;
  readonly result: HttpResponse | FetchFailure;
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

/** Whether a query may succeed if it is sent again: after a broken connection, and after the statuses 502, 503 and 504. */
const isTransient = (result: HttpResponse | FetchFailure): boolean =>
  'kind' in result ? result.kind === 'unreachable' : isUnavailableStatus(result.status);

function parseResult(
  result: HttpResponse | FetchFailure,
  entityCount: number | undefined,
): ReturnType<typeof parseSubgraphResponse> | FetchFailure {
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
