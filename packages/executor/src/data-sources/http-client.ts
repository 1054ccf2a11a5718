import type { IncomingHttpHeaders } from 'node:http';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import { ACCEPTED_ENCODINGS, createBodyDecoder, type BodyDecoder, type BodySink } from './body-decoder.js';
import type { FetchFailure } from './data-source.js';
import { createHttpConnections, type HttpConnections } from './http-connections.js';
import type { RequestController, ResponseHandler } from './response-handler.js';

/** The connections of a data source to its subgraph. Times are in milliseconds. */
export interface HttpClientOptions {
  /**
   * Maximum number of open connections over HTTP/1.1. Further requests wait for a free one. With several instances: maximum number of
   * requests to all of them that run at the same time, over any protocol.
   * @default 100
   */
  readonly connections?: number;
  /** Time limit for opening a connection. @default 2_000 */
  readonly connectTimeoutMs?: number;
  /** Time limit until the response headers arrive. @default the time limit of the whole response */
  readonly headersTimeoutMs?: number;
  /** Maximum size of a response body, in bytes, after decompression. @default 33_554_432 // 32 MiB */
  readonly maxResponseBytes?: number;
  /** Whether the subgraph may compress responses. @default true */
  readonly acceptCompression?: boolean;
  /** Whether HTTP/2 is used if the subgraph offers it over TLS. @default true */
  readonly allowHttp2?: boolean;
  /** Certificates of authorities to trust besides those of Node.js, in PEM format. @default none */
  readonly certificateAuthorities?: readonly string[];
  /**
   * Name of the header that tells the subgraph how long its response is awaited, in milliseconds from when the request is sent. Time
   * that the fetch has spent on waiting for its turn, or on earlier attempts, is deducted. @default no such header
   */
  readonly deadlineHeader?: string;
}

/** Default of `connections`. */
export const DEFAULT_CONNECTIONS = 100;

/** A POST request with a JSON body. */
export interface HttpRequest {
  /** JSON text. */
  readonly body: string;
  /** Groups of headers, sent one after the other. */
  readonly headers: readonly (Readonly<Record<string, string>> | undefined)[];
  /** Time limit until the whole response has been read. */
  readonly timeoutMs: number;
  readonly signal: AbortSignalLike;
  /** Has a function that ends the request with a failure, while it runs. @default only the signal and time limits end it */
  readonly running?: Set<(failure: FetchFailure) => void> | undefined;
}

/** The response to an {@link HttpRequest}. */
export interface HttpResponse {
  readonly status: number;
  /** The parts of the body, decompressed. */
  readonly chunks: readonly Buffer[];
  /** Number of bytes of the decompressed body. */
  readonly size: number;
}

/** Sends requests to the endpoint of one subgraph. */
export interface HttpClient {
  /** Sends one POST request. Redirects are followed within the origin of the URL. Never rejects. */
  post(request: HttpRequest): Promise<HttpResponse | FetchFailure>;
  /** Closes all connections and ends their running requests. */
  close(): Promise<void>;
}

/** @returns undefined if the text is not an absolute `http` or `https` URL */
export function parseEndpointUrl(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return /^https?:$/.test(parsed.protocol) ? parsed : undefined;
}

/** Creates an HTTP client with keep-alive connections to one subgraph. */
export function createHttpClient(
  endpoint: URL,
  options: HttpClientOptions & {
    /** See {@link createTrustingContext}. */
    readonly secureContext: SecureContext | undefined;
    /** Called when the first redirect is followed. */
    readonly onRedirect: (path: string) => void;
  },
): HttpClient {
  const { deadlineHeader, headersTimeoutMs } = options;
  const connections = createHttpConnections({
    origin: endpoint.origin,
    connections: options.connections ?? DEFAULT_CONNECTIONS,
    connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
    allowHttp2: options.allowHttp2 ?? true,
    secureContext: options.secureContext,
  });
  let hasRedirected = false;
  const target: ExchangeTarget = {
    connections,
    endpoint,
    path: endpoint.pathname + endpoint.search,
    fixedHeaders: (options.acceptCompression ?? true) ? COMPRESSED_HEADERS : FIXED_HEADERS,
    maxResponseBytes: options.maxResponseBytes ?? 33_554_432,
    onRedirect(path) {
      if (!hasRedirected) options.onRedirect(path);
      hasRedirected = true;
    },
  };
  return {
    close: () => connections.close(),
    post(request) {
      if (request.signal.aborted) return Promise.resolve({ kind: 'cancelled' });
      const firstTimeoutMs = Math.min(headersTimeoutMs ?? request.timeoutMs, request.timeoutMs);
      const headers = flattenHeaders(target.fixedHeaders, request.headers);
      if (deadlineHeader !== undefined) headers.push(deadlineHeader, String(firstTimeoutMs));
      return new Promise((resolve) =>
        new HttpExchange(target, request, headers, firstTimeoutMs, resolve).send(),
      );
    },
  };
}

/**
 * Creates what a connection over TLS trusts; `undefined`: what Node.js trusts. Create it once: reading the certificates takes longer
 * than many requests.
 */
export const createTrustingContext = (
  { protocol }: Pick<URL, 'protocol'>,
  certificateAuthorities: readonly string[],
): SecureContext | undefined =>
  (protocol === 'https:' || protocol === 'wss:') && certificateAuthorities.length > 0
    ? createSecureContext({ ca: [...rootCertificates, ...certificateAuthorities] })
    : undefined;

const FIXED_HEADERS: readonly string[] = ['content-type', 'application/json', 'accept', 'application/json'];
const COMPRESSED_HEADERS: readonly string[] = [...FIXED_HEADERS, 'accept-encoding', ACCEPTED_ENCODINGS];

/** Headers that the client sets itself, and those of one connection, which HTTP/2 does not have. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Headers as names and values in turn, without those that the client sets itself. */
export function flattenHeaders(fixedHeaders: readonly string[], groups: HttpRequest['headers']): string[] {
  const headers: string[] = [...fixedHeaders];
  for (const group of groups) {
    for (const name in group) {
      const value = group[name];
      if (value !== undefined && !RESERVED_HEADERS.has(name.toLowerCase())) headers.push(name, value);
    }
  }
  return headers;
}

/** Where the requests of a client go, and how their responses are read. */
interface ExchangeTarget {
  readonly connections: HttpConnections;
  readonly endpoint: URL;
  readonly path: string;
  readonly fixedHeaders: readonly string[];
  readonly maxResponseBytes: number;
  readonly onRedirect: (path: string) => void;
}

/** Redirects that are followed for one request. */
const MAX_REDIRECTS = 3;

/** One request and its response. It is a class, because each request has one: an object with closures costs more. */
class HttpExchange implements ResponseHandler, BodySink {
  private controller: RequestController | undefined;
  private isDone = false;
  private status = 0;
  private headers: IncomingHttpHeaders | undefined;
  private receivedBytes = 0;
  private decodedBytes = 0;
  private chunks: Buffer[] = [];
  private decoder: BodyDecoder | undefined;
  private path: string;
  private redirectCount = 0;
  private readonly startedAt = performance.now();
  private timer: NodeJS.Timeout;
  private readonly cancel = (): void => this.abortWith({ kind: 'cancelled' });
  private end: ((failure: FetchFailure) => void) | undefined;

  constructor(
    private readonly target: ExchangeTarget,
    private readonly request: HttpRequest,
    private readonly sentHeaders: readonly string[],
    private readonly headersTimeoutMs: number,
    private readonly resolve: (result: HttpResponse | FetchFailure) => void,
  ) {
    this.path = target.path;
    this.timer = this.startTimer(headersTimeoutMs);
    request.signal.addEventListener('abort', this.cancel);
    if (request.running) {
      this.end = (failure) => this.abortWith(failure);
      request.running.add(this.end);
    }
  }

  send(): void {
    const { path, sentHeaders: headers } = this;
    this.target.connections.send({ path, headers, body: this.request.body }, this);
  }

  onRequestStart(controller: RequestController): void {
    this.controller = controller;
    // The time limit can pass while the request waits for a connection.
    if (this.isDone) controller.abort(new Error('done'));
  }

  onResponseStart(_: RequestController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && !this.isDone) this.openDecoder(encoding);
    const { timeoutMs } = this.request;
    if (this.isDone || timeoutMs <= this.headersTimeoutMs) return;
    clearTimeout(this.timer);
    this.timer = this.startTimer(timeoutMs - Math.round(performance.now() - this.startedAt));
  }

  onResponseData(_: RequestController, chunk: Buffer): void {
    if (this.isDone) return;
    if (!this.decoder) {
      this.onData(chunk);
      return;
    }
    this.receivedBytes += chunk.length;
    if (this.receivedBytes > this.target.maxResponseBytes) this.rejectSize();
    else this.decoder.write(chunk);
  }

  onResponseEnd(): void {
    if (this.isDone) return;
    const location = isRedirect(this.status) ? this.headers?.location : undefined;
    if (location !== undefined) this.redirect(location);
    else if (this.decoder) this.decoder.end();
    else this.onEnd();
  }

  onResponseError(_: RequestController, cause: unknown): void {
    if (!this.isDone) this.finish({ kind: 'unreachable', cause });
  }

  /** Receives a decoded part of the body. */
  onData(chunk: Buffer): void {
    if (this.isDone) return;
    this.decodedBytes += chunk.length;
    if (this.decodedBytes > this.target.maxResponseBytes) this.rejectSize();
    else this.chunks.push(chunk);
  }

  onEnd(): void {
    if (!this.isDone) this.finish({ status: this.status, chunks: this.chunks, size: this.decodedBytes });
  }

  onError(error: Error): void {
    const reason = `The body cannot be decompressed: ${error.message}`;
    this.abortWith({ kind: 'invalid-response', reason, status: this.status });
  }

  private openDecoder(encoding: string): void {
    try {
      this.decoder = createBodyDecoder(encoding, this);
    } catch (error) {
      this.abortWith({ kind: 'invalid-response', reason: (error as Error).message, status: this.status });
    }
  }

  /** Sends the request to another path of the origin, if the redirect keeps method and body. */
  private redirect(location: string): void {
    const { status, target } = this;
    const url = URL.canParse(location, target.endpoint.href) ? new URL(location, target.endpoint) : undefined;
    const keepsRequest = status === 307 || status === 308;
    // Another origin must not receive the headers of the caller.
    if (!keepsRequest || url?.origin !== target.endpoint.origin || this.redirectCount === MAX_REDIRECTS) {
      this.finish({ kind: 'redirect', status, location: describeLocation(location, target.endpoint) });
      return;
    }
    this.redirectCount += 1;
    this.path = url.pathname + url.search;
    target.onRedirect(url.pathname);
    this.decoder?.destroy();
    this.decoder = undefined;
    this.receivedBytes = this.decodedBytes = 0;
    this.chunks = [];
    this.send();
  }

  private rejectSize(): void {
    this.abortWith({ kind: 'response-too-large', maxBytes: this.target.maxResponseBytes });
  }

  private startTimer(afterMs: number): NodeJS.Timeout {
    return setTimeout(abortLate, afterMs, this, afterMs);
  }

  abortWith(failure: FetchFailure): void {
    if (this.isDone) return;
    this.finish(failure);
    this.controller?.abort(new Error(failure.kind));
  }

  private finish(result: HttpResponse | FetchFailure): void {
    this.isDone = true;
    clearTimeout(this.timer);
    this.request.signal.removeEventListener('abort', this.cancel);
    if (this.end) this.request.running?.delete(this.end);
    if ('kind' in result) this.decoder?.destroy();
    this.resolve(result);
  }
}

const abortLate = (exchange: HttpExchange, afterMs: number): void =>
  exchange.abortWith({ kind: 'timeout', afterMs });

const MAX_LOCATION_LENGTH = 300;

/** Where a redirect leads, for messages. Credentials and the query may be confidential, so that they are left out. */
export function describeLocation(location: string, endpoint: URL): string {
  const url = URL.canParse(location, endpoint.href) ? new URL(location, endpoint) : undefined;
  return (url ? url.origin + url.pathname : location).slice(0, MAX_LOCATION_LENGTH);
}

const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308;

/** The text of a body that arrived in parts. */
export function decodeChunks(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
  return body.toString('utf8');
}
