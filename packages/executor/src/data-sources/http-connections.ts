import type { SecureContext } from 'node:tls';
import { Pool } from 'undici';
import { openHttp2Session, type Http2Session } from './http2-session.js';
import type { RequestController, ResponseHandler, SentRequest } from './response-handler.js';
import { createRotatingLookup } from './rotating-lookup.js';

/** The connections to one origin. */
export interface HttpConnections {
  /** Sends a request. Never throws: a failure is passed to the handler. */
  send(request: SentRequest, handler: ResponseHandler): void;
  /** Closes all connections and ends their running requests. */
  close(): Promise<void>;
}

/** How connections to one origin are opened. Times are in milliseconds. */
export interface HttpConnectionsOptions {
  readonly origin: string;
  /** Maximum number of open connections over HTTP/1.1. HTTP/2 uses one. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Whether HTTP/2 is offered to an `https` origin. */
  readonly allowHttp2: boolean;
  /** The certificates to trust. @default those of Node.js */
  readonly secureContext: SecureContext | undefined;
}

/** How long an unused connection stays open. */
const KEEP_ALIVE_MS = 60_000;

/** Creates connections that are opened on demand: with HTTP/2 if the origin is `https` and offers it, otherwise with HTTP/1.1. */
export function createHttpConnections(options: HttpConnectionsOptions): HttpConnections {
  const isHttps = options.origin.startsWith('https:');
  return isHttps && options.allowHttp2
    ? createNegotiatedConnections(options)
    : createHttp1Connections(options);
}

function createHttp1Connections({
  origin,
  connections,
  connectTimeoutMs,
  secureContext,
}: HttpConnectionsOptions): HttpConnections {
  // The timers of undici have a resolution of one second. The callers have exact ones, so undici's are off.
  const pool = new Pool(origin, {
    connections,
    connect: {
      timeout: connectTimeoutMs,
      lookup: createRotatingLookup(),
      ...(secureContext && { secureContext }),
    },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  return {
    send({ path, headers, body }, handler) {
      pool.dispatch({ method: 'POST', path, headers: headers as string[], body }, handler);
    },
    close: () => pool.destroy(),
  };
}

/**
 * Lets TLS negotiate the protocol (ALPN). undici can do so too (`allowH2`), but when a server shuts down in an orderly way
 * (GOAWAY), undici 7 breaks off the running requests: the result of a mutation would be lost.
 */
function createNegotiatedConnections(options: HttpConnectionsOptions): HttpConnections {
  let http1: HttpConnections | undefined;
  let session: Http2Session | undefined;
  let connecting: Promise<void> | undefined;
  let isClosed = false;
  const lookup = createRotatingLookup();

  /** Afterwards there is a session, or `http1`. */
  const connect = async (): Promise<void> => {
    try {
      session = await openHttp2Session({ ...options, lookup, idleTimeoutMs: KEEP_ALIVE_MS });
      if (isClosed) session?.destroy();
      // The server offers HTTP/1.1 alone.
      if (!session) http1 ??= createHttp1Connections(options);
    } finally {
      connecting = undefined;
    }
  };

  const send = (request: SentRequest, handler: ResponseHandler, attempt: number): void => {
    if (http1) http1.send(request, handler);
    else if (session?.isOpen === true) {
      session.send(request, handler, (error) => {
        if (attempt < MAX_UNPROCESSED_ATTEMPTS) send(request, handler, attempt + 1);
        else handler.onResponseError(NO_CONTROLLER, error);
      });
    } else {
      connecting ??= connect();
      connecting.then(
        () => send(request, handler, attempt),
        (error: unknown) => handler.onResponseError(NO_CONTROLLER, error as Error),
      );
    }
  };

  return {
    send: (request, handler) => send(request, handler, 1),
    async close() {
      isClosed = true;
      session?.destroy();
      await http1?.close();
    },
  };
}

/** How often a request is sent that a server refuses without processing it, such as one that crosses its shutdown. */
const MAX_UNPROCESSED_ATTEMPTS = 3;

const NO_CONTROLLER: RequestController = { abort: () => undefined };
