import type { Logger } from '../logger.js';
import { failureError, type FetchFailure } from './failure.js';
import { readAnswer, type SubgraphAnswer } from './read-answer.js';
import { bodyOf, type SubgraphRequest } from './subgraph-request.js';

/** What data sources take from the context of a request. */
export interface FetchContext {
  /** Sent to every subgraph; asked at each fetch. Nothing else of the client's request is. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Told the `extensions` of each answer of a subgraph: they are not part of the client's answer. */
  readonly onExtensions?: ((extensions: Readonly<Record<string, unknown>>) => void) | undefined;
  /** Ends what is under way, where nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks one subgraph. */
export interface DataSource {
  fetch(request: SubgraphRequest, context: FetchContext): Promise<SubgraphAnswer>;
}

export interface DataSourceOptions {
  /** Of the subgraph, as clients know it. */
  readonly name: string;
  readonly url: string;
  readonly logger: Logger;
  /** @default 10_000 // 10 seconds, until the whole answer has been read */
  readonly timeoutMs?: number;
}

/**
 * Fetches from a subgraph with one POST. What the subgraph answers, errors included, is passed on unchanged; where it
 * does not answer, the result is an error that names it and shows no URL. The details are in the log.
 */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { name, url, logger, timeoutMs = 10_000 } = options;
  return {
    async fetch(request, context) {
      const result = await post(url, bodyOf(request), context, timeoutMs, request.entities);
      if ('answer' in result) {
        if (result.answer.extensions) context.onExtensions?.(result.answer.extensions);
        return result.answer;
      }
      if (result.kind !== 'cancelled')
        logger.warn({ service: name, url, ...result }, 'a subgraph gave no answer');
      return { data: null, errors: [failureError(name, result)] };
    },
  };
}

const TIMED_OUT = Symbol('timed out');

async function post(
  url: string,
  body: string,
  { headers, signal }: FetchContext,
  timeoutMs: number,
  representations: number | undefined,
): Promise<{ readonly answer: SubgraphAnswer } | FetchFailure> {
  if (signal?.aborted === true) return { kind: 'cancelled' };
  // A controller for each request: on a signal that lives long, every listener has to be taken off again.
  const controller = new AbortController();
  const cancel = () => controller.abort();
  signal?.addEventListener('abort', cancel);
  const timer = setTimeout(() => controller.abort(TIMED_OUT), timeoutMs);
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers?.(), 'content-type': 'application/json', accept: 'application/json' },
      body,
      redirect: 'error',
      signal: controller.signal,
    });
    ({ status } = response);
    text = await response.text();
  } catch (cause) {
    if (controller.signal.reason === TIMED_OUT) return { kind: 'timeout', afterMs: timeoutMs };
    return controller.signal.aborted ? { kind: 'cancelled' } : { kind: 'unreachable', cause };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
  try {
    return { answer: readAnswer(text, representations) };
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error), status };
  }
}
