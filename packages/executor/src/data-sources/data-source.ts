import type { Logger } from '../shared/logger.js';
import {
  createCircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerState,
} from './circuit-breaker.js';
import { failureError, type FetchFailure } from './fetch-failure.js';
import { createHttpClient, isUnavailable, type HttpClientOptions, type HttpResponse } from './http-client.js';
import { readAnswer, type SubgraphResponse } from './subgraph-response.js';
import { createRetries, type RetryOptions } from './retry-policy.js';
import type { AbortSignalLike } from './light-abort-signal.js';
import { bodyOf, type SubgraphRequest } from './subgraph-request.js';

/** What data sources take from the context of a request. */
export interface OperationContext {
  /** Sent to every subgraph; asked at each fetch. Nothing else of the client's request is. */
  readonly headers?: (() => ForwardedHeaders) | undefined;
  /** Sent too. They change nothing in an answer: who asks the same with other ones may share it. */
  readonly traceHeaders?: (() => ForwardedHeaders) | undefined;
  /** Asked where something is to be told that happened on the way. @default the executor's */
  readonly logger?: (() => Logger) | undefined;
  /** Told the `extensions` of each answer of a subgraph: they are not part of the client's answer. */
  readonly onExtensions?: ((extensions: Readonly<Record<string, unknown>>) => void) | undefined;
  /** Ends what is under way, where nobody waits for it any more. */
  readonly signal?: AbortSignalLike | undefined;
}

/** By their names. */
export type ForwardedHeaders = Readonly<Record<string, string>>;

/** A caller's context as data sources get it: with the signal of all who wait for a fetch. */
export interface SubgraphFetchContext extends Pick<OperationContext, 'logger'> {
  readonly headers?: ForwardedHeaders | undefined;
  readonly traceHeaders?: ForwardedHeaders | undefined;
  readonly signal: AbortSignalLike;
  /** The same as one of Node's, made when it is asked for first. */
  readonly abortSignal: AbortSignal;
}

/** Asks one subgraph. */
export interface DataSource {
  /** The answer is the caller's, to be changed as it likes. */
  fetch(request: SubgraphRequest, context: SubgraphFetchContext): Promise<SubgraphResponse>;
  /** Whether the subgraph is asked at present, where the data source keeps an eye on it. */
  readonly circuitBreakerState?: CircuitBreakerState;
  close?(): Promise<void>;
}

export interface DataSourceOptions extends HttpClientOptions {
  /** Of the subgraph, as clients know it. */
  readonly name: string;
  readonly logger: Logger;
  /** Until the whole answer has been read, retries included. @default 10_000 // 10 seconds */
  readonly timeoutMs?: number;
  /** Of queries that failed since the subgraph was not there; mutations are sent once. */
  readonly retries?: RetryOptions;
  readonly circuitBreaker?: CircuitBreakerOptions;
}

/**
 * Fetches from a subgraph over HTTP. What the subgraph answers, errors included, is passed on unchanged; where it does
 * not answer, the result is an error that names it and shows no URL. The details are in the log.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { name, url, logger, timeoutMs = 10_000 } = options;
  const client = createHttpClient(options);
  const retries = createRetries(options.retries);
  const breaker = createCircuitBreaker({
    ...options.circuitBreaker,
    onChange(state) {
      logger.warn({ service: name, url, state }, 'the circuit breaker of a subgraph has changed');
      options.circuitBreaker?.onChange?.(state);
    },
  });

  const send = async (
    request: SubgraphRequest,
    context: SubgraphFetchContext,
  ): Promise<HttpResponse | FetchFailure> => {
    const deadline = performance.now() + timeoutMs;
    const mayRepeat = request.operation.kind === 'query';
    const { headers, traceHeaders, signal } = context;
    const sent = { body: bodyOf(request), headers: [headers, traceHeaders], signal };
    if (mayRepeat) retries.begin();
    let result: HttpResponse | FetchFailure = { kind: 'not-asked' };
    for (let repeated = 0; ; repeated++) {
      const leave = breaker.enter();
      if (!leave) return result;
      const leftMs = Math.max(1, Math.round(deadline - performance.now()));
      result = await client.post({ ...sent, timeoutMs: leftMs });
      leave(endOf(result));
      const may = mayRepeat && retries.mayFollow(result, repeated, () => context.abortSignal);
      if (may === false || !(await may)) return result;
    }
  };

  return {
    close: () => client.close(),
    get circuitBreakerState() {
      return breaker.state;
    },
    async fetch(request, context) {
      const result = read(await send(request, context), request.entityCount);
      if (!('kind' in result)) return result;
      if (result.kind !== 'cancelled' && result.kind !== 'not-asked') {
        const details = { service: name, url, ...result };
        (context.logger?.() ?? logger).warn(details, 'a subgraph gave no answer');
      }
      return { data: null, errors: [failureError(name, result)] };
    },
  };
}

/** What an attempt says of the service. */
function endOf(result: HttpResponse | FetchFailure): 'well' | 'failed' | undefined {
  if (!('kind' in result)) return isUnavailable(result.status) ? 'failed' : 'well';
  return result.kind === 'unreachable' || result.kind === 'timeout' ? 'failed' : undefined;
}

function read(
  result: HttpResponse | FetchFailure,
  entities: number | undefined,
): SubgraphResponse | FetchFailure {
  if ('kind' in result) return result;
  const { status, text } = result;
  try {
    return readAnswer(text, entities);
  } catch (error) {
    if (isUnavailable(status)) return { kind: 'unavailable', status };
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error), status };
  }
}
