import {
  cloneSubgraphResponse,
  createFetchFailureError,
  type DataSource,
  type SubgraphFetchContext,
  type SubgraphRequest,
  type SubgraphResponse,
} from '../data-sources/data-source.js';
import { largeResponseTurns } from '../data-sources/large-response-turns.js';
import type { ForwardedHeaders, OperationContext } from '../shared/operation-context.js';
import type { ExecutionTrace, FetchTrace } from '../shared/operation-trace.js';
import { createLightAbortController, type AbortSignalLike } from '../shared/light-abort-signal.js';

/**
 * Shares subgraph requests: while a query is in flight, further requests with the same operation, variables and headers wait
 * for its response. Mutations are never shared. A data source that depends on the operation's context gets the requests of
 * each operation.
 */
export interface InFlightRequests {
  /**
   * Sends a request, or waits for an equal one. If the signal of the context aborts, the result is an error; the shared
   * request continues as long as others wait for it.
   * @param service the name of the subgraph for clients
   * @returns a response that the caller owns
   */
  fetch(
    dataSource: DataSource,
    service: string,
    request: SubgraphRequest,
    context: OperationContext,
  ): Promise<SubgraphResponse>;
}

/** How many subgraph requests were saved because an equal one was in flight. */
export interface RequestSharingStatistics {
  /** Requests that data sources have received. */
  readonly sent: number;
  /** Requests that have shared the response of another one. */
  readonly shared: number;
}

/** Counts requests, also those of earlier supergraphs. */
export class RequestSharingRecorder implements RequestSharingStatistics {
  sent = 0;
  shared = 0;
}

/** A caller that waits for the response of a request. */
interface Waiter {
  readonly resolve: (response: SubgraphResponse) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignalLike | undefined;
  /** The abort listener of `signal`. */
  readonly onAbort: () => void;
  /** The name of the subgraph for the caller. */
  readonly service: string;
}

class InFlightRequest implements SubgraphFetchContext {
  readonly waiters: Waiter[] = [];
  readonly traceHeaders: ForwardedHeaders | undefined;
  readonly logger: OperationContext['logger'];
  private readonly trace: FetchTrace | undefined;
  private readonly abortController = createLightAbortController();

  constructor(
    readonly dataSource: DataSource,
    service: string,
    readonly request: SubgraphRequest,
    readonly headers: ForwardedHeaders | undefined,
    readonly operationContext: OperationContext,
    /** See `mutationPhase` below. */
    readonly mutationPhase: number,
  ) {
    this.traceHeaders = operationContext.traceHeaders?.();
    this.trace = operationContext.trace && startFetchTrace(operationContext.trace, service, request);
    if (this.trace) this.traceHeaders = { ...this.traceHeaders, ...this.trace.headers };
    this.logger = operationContext.logger;
  }

  get signal(): AbortSignalLike {
    return this.abortController.signal;
  }

  get abortSignal(): AbortSignal {
    return this.abortController.abortSignal;
  }

  /** Never throws: if the data source throws, the promise is rejected. */
  send(): Promise<SubgraphResponse> {
    const { trace } = this;
    try {
      const response = this.dataSource.fetch(this.request, this);
      return trace ? endWithResponse(trace, response) : response;
    } catch (error) {
      trace?.end(FAILED_DATA_SOURCE, undefined);
      return Promise.reject(toError(error));
    }
  }

  abort(): void {
    this.abortController.abort();
  }

  /** Removes all waiters and their abort listeners, so that the request does not keep them in memory. */
  removeWaiters(): Waiter[] {
    const removed = this.waiters.splice(0);
    for (const { signal, onAbort } of removed) signal?.removeEventListener('abort', onAbort);
    return removed;
  }
}

/**
 * Requests are in a fixed number of arrays, by hash. A `Map` whose entries change all the time links its old hash tables to
 * one another, so that everything that was ever in it stays in memory until the next full garbage collection.
 */
const BUCKET_COUNT = 256;

/** Creates the in-flight requests of one set of data sources. */
export function createInFlightRequests(statistics = new RequestSharingRecorder()): InFlightRequests {
  const buckets: InFlightRequest[][] = Array.from({ length: BUCKET_COUNT }, () => []);
  /** Changes when a mutation starts or ends. A query shares no request of another phase, which may miss the mutation. */
  let mutationPhase = 0;

  const sendMutation = async (mutation: InFlightRequest) => {
    mutationPhase++;
    statistics.sent += 1;
    try {
      // Not aborted when the client leaves: the result would be unknown.
      return await mutation.send();
    } finally {
      mutationPhase++;
    }
  };

  const removeFromBucket = (request: InFlightRequest, bucket: InFlightRequest[]) => {
    const index = bucket.indexOf(request);
    if (index >= 0) bucket.splice(index, 1);
  };

  const sendShared = (request: InFlightRequest, bucket: InFlightRequest[]): InFlightRequest => {
    bucket.push(request);
    statistics.sent += 1;
    request.send().then(
      (response) => {
        removeFromBucket(request, bucket);
        const waiters = request.removeWaiters();
        if (response.byteCount !== undefined && waiters.length > 1) {
          void distributeInTurns(waiters, response, response.byteCount, request);
          return;
        }
        // All copies are made before a waiter can change the response.
        const responses = waiters.map((_, index) =>
          index === 0 ? response : cloneSubgraphResponse(response),
        );
        for (const { resolve } of waiters) resolve(responses.pop() ?? response);
      },
      (error: unknown) => {
        removeFromBucket(request, bucket);
        const cause = toError(error);
        for (const { reject } of request.removeWaiters()) reject(cause);
      },
    );
    return request;
  };

  /** Each waiter has its own turn. The data source has waited for that of the first one. */
  const distributeInTurns = async (
    waiters: readonly Waiter[],
    response: SubgraphResponse,
    byteCount: number,
    { operationContext }: InFlightRequest,
  ) => {
    for (const [index, { resolve, signal, service }] of waiters.entries()) {
      if (index > 0) await largeResponseTurns.wait(operationContext.fairnessKey, byteCount);
      if (signal?.aborted === true) resolve(createCancelledResponse(service));
      // The last one may change the response.
      else resolve(index === waiters.length - 1 ? response : cloneSubgraphResponse(response));
    }
  };

  return {
    fetch(dataSource, service, request, context) {
      const { signal } = context;
      if (signal?.aborted === true) return Promise.resolve(createCancelledResponse(service));
      const headers = context.headers?.();
      if (request.operation.kind === 'mutation') {
        return sendMutation(
          new InFlightRequest(dataSource, service, request, headers, context, mutationPhase),
        );
      }
      const bucket = buckets[getBucketIndex(request, headers)] ?? [];
      const isEqual = (other: InFlightRequest) =>
        other.mutationPhase === mutationPhase &&
        other.dataSource === dataSource &&
        (dataSource.dependsOnOperationContext !== true || other.operationContext === context) &&
        other.request.variables === request.variables &&
        other.request.operation.bodyMembers === request.operation.bodyMembers &&
        haveEqualHeaders(other.headers, headers);
      const existing = bucket.find(isEqual);
      if (existing) statistics.shared += 1;
      const shared =
        existing ??
        sendShared(
          new InFlightRequest(dataSource, service, request, headers, context, mutationPhase),
          bucket,
        );
      return new Promise((resolve, reject) => {
        const { waiters } = shared;
        const onAbort = () => {
          waiters.splice(waiters.indexOf(waiter), 1);
          if (waiters.length === 0) {
            removeFromBucket(shared, bucket);
            shared.abort();
          }
          resolve(createCancelledResponse(service));
        };
        const waiter: Waiter = { resolve, reject, signal, onAbort, service };
        signal?.addEventListener('abort', onAbort);
        waiters.push(waiter);
      });
    },
  };
}

/** The code of a data source that throws. */
const FAILED_DATA_SOURCE = 'INTERNAL_SERVER_ERROR';

const startFetchTrace = (
  trace: ExecutionTrace,
  subgraph: string,
  { operation: { kind, operationName }, entityCount }: SubgraphRequest,
): FetchTrace | undefined =>
  // The part of a plan that the event answers is no request.
  kind === 'subscription' ? undefined : trace.startFetch({ subgraph, kind, operationName, entityCount });

async function endWithResponse(
  trace: FetchTrace,
  sent: Promise<SubgraphResponse>,
): Promise<SubgraphResponse> {
  try {
    const response = await sent;
    const [error] = response.errors ?? [];
    const code = error && (error.extensions?.['code'] ?? FAILED_DATA_SOURCE);
    trace.end(typeof code === 'string' ? code : undefined, response.instance);
    return response;
  } catch (error) {
    trace.end(FAILED_DATA_SOURCE, undefined);
    throw error;
  }
}

const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('A data source failed.', { cause: thrown });

/** Hashes the ends of the variables and header values: there, requests of different callers and entities differ most. */
function getBucketIndex({ variables }: SubgraphRequest, headers: ForwardedHeaders = {}): number {
  let hash = hashEnd(variables, 0);
  for (const name in headers) hash = hashEnd(headers[name] ?? '', hash);
  return hash % BUCKET_COUNT;
}

const HASHED_CHARACTERS = 12;

function hashEnd(text: string, hash: number): number {
  let result = hash + text.length;
  for (let index = Math.max(0, text.length - HASHED_CHARACTERS); index < text.length; index++) {
    result = (result * 31 + text.charCodeAt(index)) >>> 0;
  }
  return result;
}

function haveEqualHeaders(a: ForwardedHeaders = {}, b: ForwardedHeaders = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

const createCancelledResponse = (service: string): SubgraphResponse => ({
  data: null,
  errors: [createFetchFailureError(service, { kind: 'cancelled' })],
});
