import { Pool, type Dispatcher } from 'undici';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import type { FetchFailure } from './subgraph-response.js';

/** The connections of a data source to its subgraph. Times are in milliseconds. */
export interface HttpClientOptions {
  /** URL of the subgraph's GraphQL endpoint. */
  readonly url: string;
  /** Maximum number of open connections. Further requests wait for a free one. @default 100 */
  readonly connections?: number;
  /** Time limit for opening a connection. @default 2_000 */
  readonly connectTimeoutMs?: number;
  /** Time limit until the response headers arrive. @default the time limit of the whole response */
  readonly headersTimeoutMs?: number;
  /** Maximum size of a response body, in bytes. @default 33_554_432 // 32 MiB */
  readonly maxResponseBytes?: number;
}

/** A POST request with a JSON body. */
export interface HttpRequest {
  /** JSON text. */
  readonly body: string;
  /** Groups of headers, sent one after the other. */
  readonly headers: readonly (Readonly<Record<string, string>> | undefined)[];
  /** Time limit until the whole response has been read. */
  readonly timeoutMs: number;
  readonly signal: AbortSignalLike;
}

/** The response to an {@link HttpRequest}. */
export interface HttpResponse {
  readonly status: number;
  /** The body. */
  readonly text: string;
}

/** Whether a status means that a service, or a proxy before it, cannot respond now. */
export const isUnavailableStatus = (status: number): boolean => status >= 502 && status <= 504;

export interface HttpClient {
  /** Sends one POST request and follows no redirects. Never rejects. */
  post(request: HttpRequest): Promise<HttpResponse | FetchFailure>;
  /** Closes all connections and ends their running requests. */
  close(): Promise<void>;
}

const FIXED_HEADERS = ['content-type', 'application/json', 'accept', 'application/json'] as const;
const RESERVED_HEADERS: ReadonlySet<string> = new Set(['content-type', 'accept', 'content-length', 'host']);

/** Creates an HTTP client with keep-alive connections to one subgraph. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { connections = 100, connectTimeoutMs = 2_000, maxResponseBytes = 33_554_432 } = options;
  const { origin, pathname, search } = new URL(options.url);
  // The timers of undici have a resolution of one second. `post` has exact ones, so undici's are off.
  const pool = new Pool(origin, {
    connections,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 60_000,
  });
  const path = pathname + search;

  return {
    close: () => pool.destroy(),
    post({ body, headers, timeoutMs, signal }) {
      const headersTimeoutMs = Math.min(options.headersTimeoutMs ?? timeoutMs, timeoutMs);
      if (signal.aborted) return Promise.resolve({ kind: 'cancelled' });
      return new Promise((resolve) => {
        let controller: Dispatcher.DispatchController | undefined;
        let isDone = false;
        let status = 0;
        let size = 0;
        const chunks: Buffer[] = [];

        const finish = (result: HttpResponse | FetchFailure): void => {
          isDone = true;
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
          resolve(result);
        };
        const abortWith = (failure: FetchFailure): void => {
          if (isDone) return;
          finish(failure);
          controller?.abort(new Error(failure.kind));
        };
        const cancel = () => abortWith({ kind: 'cancelled' });
        const startTimer = (afterMs: number) => setTimeout(abortWith, afterMs, { kind: 'timeout', afterMs });
        const startedAt = performance.now();
        let timer = startTimer(headersTimeoutMs);
        signal.addEventListener('abort', cancel);

        pool.dispatch(
          { method: 'POST', path, headers: flattenHeaders(headers), body },
          {
            onRequestStart(dispatchController) {
              controller = dispatchController;
              // The time limit can pass while the request waits for a connection.
              if (isDone) dispatchController.abort(new Error('done'));
            },
            onResponseStart(_, code) {
              status = code;
              if (isDone || timeoutMs <= headersTimeoutMs) return;
              clearTimeout(timer);
              timer = startTimer(timeoutMs - Math.round(performance.now() - startedAt));
            },
            onResponseData(_, chunk) {
              size += chunk.length;
              if (size > maxResponseBytes)
                abortWith({ kind: 'response-too-large', maxBytes: maxResponseBytes });
              else chunks.push(chunk);
            },
            onResponseEnd() {
              if (!isDone) finish({ status, text: decodeChunks(chunks) });
            },
            onResponseError(_, cause) {
              if (!isDone) finish({ kind: 'unreachable', cause });
            },
          },
        );
      });
    },
  };
}

function flattenHeaders(groups: HttpRequest['headers']): string[] {
  const headers: string[] = [...FIXED_HEADERS];
  for (const group of groups) {
    for (const name in group) {
      const value = group[name];
      if (value !== undefined && !RESERVED_HEADERS.has(name.toLowerCase())) headers.push(name, value);
    }
  }
  return headers;
}

function decodeChunks(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
  return body.toString('utf8');
}
