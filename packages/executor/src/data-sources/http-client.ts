import { Pool, type Dispatcher } from 'undici';
import type { FetchFailure } from './fetch-failure.js';
import type { AbortSignalLike } from './light-abort-signal.js';

export interface HttpClientOptions {
  readonly url: string;
  /** To the subgraph at once; further requests wait for one. @default 100 */
  readonly connections?: number;
  /** Until a connection is made. @default 2_000 // 2 seconds */
  readonly connectTimeoutMs?: number;
  /** Until an answer begins. @default as long as the whole of it may take */
  readonly headersTimeoutMs?: number;
  /** A longer answer is given up. @default 33_554_432 // 32 MiB */
  readonly maxResponseBytes?: number;
}

export interface HttpRequest {
  /** JSON text. */
  readonly body: string;
  /** Those that come later stand beside those before them. */
  readonly headers: readonly (Readonly<Record<string, string>> | undefined)[];
  /** Until the whole answer has been read. */
  readonly timeoutMs: number;
  readonly signal: AbortSignalLike;
}

export interface HttpResponse {
  readonly status: number;
  readonly text: string;
}

/** Whether a status says that a service, or a proxy for it, cannot answer now. */
export const isUnavailable = (status: number): boolean => status >= 502 && status <= 504;

export interface HttpClient {
  /** Sends JSON with one POST and follows no redirects. Never rejects. */
  post(request: HttpRequest): Promise<HttpResponse | FetchFailure>;
  /** Ends its connections, and what is under way on them. */
  close(): Promise<void>;
}

const ALWAYS = ['content-type', 'application/json', 'accept', 'application/json'] as const;
const RESERVED: ReadonlySet<string> = new Set(['content-type', 'accept', 'content-length', 'host']);

/** Speaks HTTP with one subgraph over connections that are kept. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { connections = 100, connectTimeoutMs = 2_000, maxResponseBytes = 33_554_432 } = options;
  const { origin, pathname, search } = new URL(options.url);
  // Timers of undici tick in seconds: its own are switched off where there are others below.
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
        let isOver = false;
        let status = 0;
        let size = 0;
        const chunks: Buffer[] = [];

        const settle = (result: HttpResponse | FetchFailure): void => {
          isOver = true;
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
          resolve(result);
        };
        const giveUp = (failure: FetchFailure): void => {
          if (isOver) return;
          settle(failure);
          controller?.abort(new Error(failure.kind));
        };
        const cancel = () => giveUp({ kind: 'cancelled' });
        const expire = (afterMs: number) => setTimeout(giveUp, afterMs, { kind: 'timeout', afterMs });
        const startedAt = performance.now();
        let timer = expire(headersTimeoutMs);
        signal.addEventListener('abort', cancel);

        pool.dispatch(
          { method: 'POST', path, headers: headersOf(headers), body },
          {
            onRequestStart(begun) {
              controller = begun;
              // While it waited for a connection.
              if (isOver) begun.abort(new Error('over'));
            },
            onResponseStart(_, code) {
              status = code;
              if (isOver || timeoutMs <= headersTimeoutMs) return;
              clearTimeout(timer);
              timer = expire(timeoutMs - Math.round(performance.now() - startedAt));
            },
            onResponseData(_, chunk) {
              size += chunk.length;
              if (size > maxResponseBytes) giveUp({ kind: 'too-large', maxBytes: maxResponseBytes });
              else chunks.push(chunk);
            },
            onResponseEnd() {
              if (!isOver) settle({ status, text: textOf(chunks) });
            },
            onResponseError(_, cause) {
              if (!isOver) settle({ kind: 'unreachable', cause });
            },
          },
        );
      });
    },
  };
}

function headersOf(given: HttpRequest['headers']): string[] {
  const headers: string[] = [...ALWAYS];
  for (const each of given) {
    for (const name in each) {
      const value = each[name];
      if (value !== undefined && !RESERVED.has(name.toLowerCase())) headers.push(name, value);
    }
  }
  return headers;
}

function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  const whole = only && chunks.length === 1 ? only : Buffer.concat(chunks);
  return whole.toString('utf8');
}
