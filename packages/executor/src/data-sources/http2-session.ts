import {
  connect as connectHttp2,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
} from 'node:http2';
import { isIP, type LookupFunction } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { RequestController, ResponseHandler, SentRequest } from './response-handler.js';

/** One connection over HTTP/2, which carries any number of requests at the same time. */
export interface Http2Session {
  /** Whether requests can be sent. The server can end a session at any time. */
  readonly isOpen: boolean;
  /**
   * Sends a request.
   * @param onUnprocessed called instead of the methods of the handler if the server has certainly not processed the request
   */
  send(request: SentRequest, handler: ResponseHandler, onUnprocessed: (error: Error) => void): void;
  /** Ends all requests. */
  destroy(): void;
}

/** Options of {@link openHttp2Session}. */
export interface Http2SessionOptions {
  readonly origin: string;
  readonly connectTimeoutMs: number;
  /** The certificates to trust. @default those of Node.js */
  readonly secureContext: SecureContext | undefined;
  /** Resolves the host. */
  readonly lookup: LookupFunction;
  /** A session without traffic for this time is closed, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** How much of a response may arrive before it is read: of each one, and of all. In bytes. */
const STREAM_WINDOW_BYTES = 1_048_576;
const SESSION_WINDOW_BYTES = 8_388_608;

/**
 * Connects to an `https` origin with TLS.
 * @returns undefined if the server does not offer HTTP/2
 * @throws Error (as a rejection) if the connection fails
 */
export async function openHttp2Session(options: Http2SessionOptions): Promise<Http2Session | undefined> {
  const socket = await openTlsSocket(options);
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy();
    return undefined;
  }
  const session = connectHttp2(options.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
  });
  session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  session.setTimeout(options.idleTimeoutMs, () => session.close());
  // The server shuts down. Running requests are still answered.
  session.once('goaway', () => session.close());
  // The requests get the errors of their session.
  session.on('error', () => undefined);
  // Running requests have timers, which keep the process alive.
  session.unref();
  return new NegotiatedSession(session);
}

const openTlsSocket = ({
  origin,
  connectTimeoutMs,
  secureContext,
  lookup,
}: Http2SessionOptions): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connectTls({
      host,
      port: Number(port || 443),
      lookup,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(isIP(host) === 0 && { servername: host }),
      ...(secureContext && { secureContext }),
    });
    const timer = setTimeout(() => {
      const error = new Error(`The connection was not open within ${connectTimeoutMs} ms.`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT', syscall: 'connect' }));
    }, connectTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      socket.removeListener('error', onError);
    };
    const onError = (error: Error) => {
      settle();
      // An error may follow the first one.
      socket.on('error', () => undefined);
      reject(error);
    };
    socket.on('error', onError);
    socket.once('secureConnect', () => {
      settle();
      resolve(socket);
    });
  });

/** How long a server may take to answer a ping. Otherwise its session is closed. */
const PING_TIMEOUT_MS = 2_000;

class NegotiatedSession implements Http2Session {
  private isPinging = false;

  constructor(private readonly session: ClientHttp2Session) {}

  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  send(request: SentRequest, handler: ResponseHandler, onUnprocessed: (error: Error) => void): void {
    let isAborted = false;
    let stream: ClientHttp2Stream | undefined;
    const controller: RequestController = {
      abort: (reason) => {
        if (isAborted) return;
        isAborted = true;
        stream?.close(constants.NGHTTP2_CANCEL);
        handler.onResponseError(controller, reason);
        // The connection may be broken without a notice.
        if (stream) this.ping();
      },
    };
    handler.onRequestStart(controller);
    // The caller may have given up while the connection was opened.
    if (isAborted as boolean) return;
    try {
      stream = this.session.request(toHttp2Headers(request));
    } catch (error) {
      onUnprocessed(error as Error);
      return;
    }
    receiveResponse(stream, controller, handler, () => isAborted, onUnprocessed);
    stream.end(request.body);
  }

  destroy(): void {
    this.session.destroy();
  }

  /** Closes the session if the server does not answer. */
  private ping(): void {
    if (this.isPinging || !this.isOpen) return;
    this.isPinging = true;
    const timer = setTimeout(() => this.session.destroy(), PING_TIMEOUT_MS);
    timer.unref();
    this.session.ping(() => {
      this.isPinging = false;
      clearTimeout(timer);
    });
  }
}

function receiveResponse(
  stream: ClientHttp2Stream,
  controller: RequestController,
  handler: ResponseHandler,
  isAborted: () => boolean,
  onUnprocessed: (error: Error) => void,
): void {
  let hasStarted = false;
  let hasEnded = false;
  let failure: Error | undefined;
  stream.on('response', ({ ':status': status = 0, ...headers }) => {
    hasStarted = true;
    if (!isAborted()) handler.onResponseStart(controller, status, headers);
  });
  stream.on('data', (chunk: Buffer) => {
    if (!isAborted()) handler.onResponseData(controller, chunk);
  });
  stream.on('end', () => (hasEnded = true));
  stream.on('error', (error: Error) => (failure = error));
  stream.on('close', () => {
    if (isAborted()) return;
    const { rstCode } = stream;
    if (hasStarted && hasEnded && !failure && rstCode === constants.NGHTTP2_NO_ERROR) {
      handler.onResponseEnd();
      return;
    }
    const error = failure ?? new Error(`The subgraph ended the HTTP/2 stream with the code ${rstCode}.`);
    if (!hasStarted && rstCode === constants.NGHTTP2_REFUSED_STREAM) onUnprocessed(error);
    else handler.onResponseError(controller, error);
  });
}

/** HTTP/2 allows lower-case names only. */
function toHttp2Headers({ path, headers, body }: SentRequest): Record<string, string | number> {
  const result: Record<string, string | number> = {
    ':method': 'POST',
    ':path': path,
    'content-length': Buffer.byteLength(body),
  };
  for (let index = 0; index < headers.length; index += 2)
    result[(headers[index] ?? '').toLowerCase()] = headers[index + 1] ?? '';
  return result;
}
