import { randomFillSync } from 'node:crypto';
import {
  createServer,
  ServerResponse,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import { Server as NetServer, Socket, type AddressInfo } from 'node:net';
import { Readable, type Duplex } from 'node:stream';
import express, { type Express } from 'express';
import { createForbiddenError, ExpectedError } from './errors.js';
import { createHttpRequestStatistics, type HttpRequestStatistics } from './http-request-statistics.js';
import type { IdentityService } from './identity-service.js';
import { correlationIdStorage, type Logger } from './logger.js';
import { toStorageError } from './storage-errors.js';
import { claimProcess, isBeingReplaced, requestListeningSocket } from './supervision.js';
import { CLAIM_PATH } from './supervision-messages.js';

/** Header of the id that names one request in the responses and logs of every process that handles it. */
export const CORRELATION_ID_HEADER = 'x-correlation-id';

const ACCEPTED_ID = /^[\w.-]{8,64}$/;
/** While the server closes, connections that became idle are closed this often. */
const CLOSE_IDLE_INTERVAL_MS = 50;
/**
 * While other processes take over, connections that are idle stay open for this time: their clients learn with the next response
 * that they have to connect again. A connection that is closed while its client sends a request would lose the request. Clients
 * close idle connections themselves after less time, because Node.js announces a keep-alive timeout of 5 s.
 */
const DRAIN_IDLE_MS = 6_000;
const LISTEN_BACKLOG = 4_096;
/** One year. Subdomains are not included: they may belong to others. */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/** The answer to "can this process do its work?", served on `/ready`. */
export interface ReadinessReport {
  readonly ready: boolean;
  /** Details for operators, each a word or a figure. */
  readonly checks: Readonly<Record<string, string | number | boolean>>;
}

export interface HttpServerOptions {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** Called for each request of `/ready`. */
  readonly readiness: () => ReadinessReport;
  readonly identity: Pick<IdentityService, 'isAcceptedHost' | 'isFromInstallation'>;
  /** Whether browsers reach the server by https only: they are told to remember it. @default false */
  readonly isBehindTls?: boolean;
  /**
   * Status of `/ready` while the server stops. A load balancer may have another meaning for it than for 503, which is that of a server that
   * cannot do its work.
   * @default 503
   */
  readonly stoppingStatus?: number;
  readonly logger: Logger;
}

/** Listener for the `upgrade` event of a server: it takes over the connection. */
export type UpgradeListener = (request: IncomingMessage, connection: Duplex, head: Buffer) => void;

/** A server with an Express app. It does not listen before `listen`. */
export interface HttpServer {
  readonly app: Express;
  readonly server: Server;
  /** The answered requests. Those of {@link HttpServer.mount} are counted when the head of their response is written. */
  readonly requestStatistics: HttpRequestStatistics;
  /** Passes every request for this exact path to `listener`, without the cost of Express. */
  mount(path: string, listener: RequestListener): void;
  /** Passes every WebSocket handshake for this exact path to `listener`. Handshakes for other paths are disconnected. */
  mountUpgrade(path: string, listener: UpgradeListener): void;
  /** Rejects with the system's error if the port is not available. */
  listen(): Promise<void>;
  /** Is not ready any more, so that balancers use another process. Clients learn with their next response that they have to connect again. */
  announceStop(): void;
  /**
   * Accepts no new connection, because another process does, and is not ready any more. Clients learn with their next response that
   * they have to connect again.
   */
  stopListening(): void;
  /** Calls `stopListening`. Resolves when the clients have left, or have been idle for some time. */
  drain(): Promise<void>;
  /** Accepts no new connection, lets requests in progress finish, then closes their connections. */
  close(): Promise<void>;
}

/**
 * Creates the HTTP server that every service has: an Express app, `/health` (the process runs) and `/ready` (it can do
 * its work; status 503 if not). Requests whose `Host` is not accepted get status 403. Each request gets a correlation id:
 * handlers find it in the request's headers, and the response carries it. Browsers may not guess the type of a response.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const {
    service,
    host,
    port,
    readiness,
    identity,
    isBehindTls = false,
    stoppingStatus = 503,
    logger,
  } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const mountedListeners = new Map<string, RequestListener>();
  const upgradeListeners = new Map<string, UpgradeListener>();
  const requestStatistics = createHttpRequestStatistics();
  let isClosing = false;
  /** Resolves when the server has closed all its connections. Set when it does not listen any more. */
  let closing: Promise<void> | undefined;
  const isWithinPipelineLimit = createPipelineLimit();
  const server = createServer({ ServerResponse: ServiceResponse }, (request, response) => {
    if (!isWithinPipelineLimit(request, response)) return;
    skippedConnections.get(request.socket)?.();
    if (request.headers['transfer-encoding'] !== undefined) {
      limitChunks(request);
      leaveRestOfBody(request, response);
    } else if (isLargeBody(request)) {
      leaveRestOfBody(request, response);
    }
    const id = resolveCorrelationId(request.headers[CORRELATION_ID_HEADER]);
    request.headers[CORRELATION_ID_HEADER] = id;
    const commonHeaders: OutgoingHttpHeaders = {
      [CORRELATION_ID_HEADER]: id,
      // A browser must not guess a type: data that a client stored could then run as a script.
      'x-content-type-options': 'nosniff',
    };
    if (isBehindTls) commonHeaders['strict-transport-security'] = STRICT_TRANSPORT_SECURITY;
    if (isClosing) commonHeaders.connection = 'close';
    response.commonHeaders = commonHeaders;
    const startedAt = performance.now();
    const path = getRequestPath(request.url);
    response.startedAt = startedAt;
    response.requestPath = path;
    response.requestStatistics = requestStatistics;
    if (!identity.isAcceptedHost(request.headers)) {
      response.writeHead(403, { 'content-type': JSON_TYPE }).end(REJECTED_HOST_BODY);
      return;
    }
    const listener = mountedListeners.get(path);
    if (listener) {
      listener(request, response);
      return;
    }
    // Express gives the response another prototype, without `writeHead` below.
    response.setCommonHeaders();
    response.once('close', () => {
      if (response.headersSent)
        requestStatistics.record(path, response.statusCode, performance.now() - startedAt);
    });
    // Log lines of handlers carry the correlation id.
    correlationIdStorage.run(id, () => {
      app(request, response);
    });
  });

  const handleUpgrade: UpgradeListener = (request, connection, head) => {
    const listener = upgradeListeners.get(getRequestPath(request.url));
    if (!identity.isAcceptedHost(request.headers)) rejectUpgradeForHost(connection);
    else if (listener) listener(request, connection, head);
    else connection.destroy();
  };

  app.post(CLAIM_PATH, ({ headers }, response) => {
    const claimed = identity.isFromInstallation(headers) ? claimProcess(service) : undefined;
    if (claimed) response.json(claimed);
    else response.status(identity.isFromInstallation(headers) ? 409 : 401).end();
  });
  app.get('/health', (_request, response) => {
    response.json({ service, status: 'alive' });
  });
  app.get('/ready', ({ headers }, response) => {
    const { ready, checks } = readiness();
    // A balancer that checks the process on an open connection looks for another one.
    const isReady = ready && !isClosing;
    // Only the tools of this installation see the details.
    const details = identity.isFromInstallation(headers) ? { checks } : {};
    const unreadyStatus = isClosing ? stoppingStatus : 503;
    response.status(isReady ? 200 : unreadyStatus).json({ service, ready: isReady, ...details });
  });

  const stopListening = () => {
    if (!server.listening) return;
    isClosing = true;
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    closing = closed;
    // Not `server.close` of HTTP: it would close idle connections at once.
    NetServer.prototype.close.call(server);
  };

  return {
    app,
    server,
    requestStatistics,
    announceStop: () => void (isClosing = true),
    stopListening,
    mount: (path, listener) => void mountedListeners.set(path, listener),
    mountUpgrade(path, listener) {
      // With a listener for the event, Node.js no longer answers handshakes like other requests.
      if (upgradeListeners.size === 0) server.on('upgrade', handleUpgrade);
      upgradeListeners.set(path, listener);
    },
    async listen() {
      const socket = await requestListeningSocket();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        const onListening = () => {
          server.off('error', reject);
          resolve();
        };
        if (socket) server.listen(socket, LISTEN_BACKLOG, onListening);
        else server.listen({ host, port, backlog: LISTEN_BACKLOG }, onListening);
      });
      const address = server.address() as AddressInfo;
      logger.info({ host: address.address, port: address.port }, 'listening');
    },
    async drain() {
      stopListening();
      if (!closing) return;
      let timer: NodeJS.Timeout | undefined;
      const idle = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_IDLE_MS)));
      await Promise.race([closing, idle]);
      clearTimeout(timer);
    },
    async close() {
      if (server.listening) {
        isClosing = true;
        closing = new Promise<void>((resolve) => server.close(() => resolve()));
      }
      if (!closing) return;
      // A connection that is busy now becomes idle after its response.
      const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
      server.closeIdleConnections();
      await closing;
      clearInterval(timer);
    },
  };
}

/**
 * Lets the clients of a service with a database leave, because other instances serve them. A process that replaces this one waits for
 * the database, and its clients wait too: then nothing is awaited.
 */
export const drainForOtherInstances = (http: Pick<HttpServer, 'drain'>): Promise<void> =>
  isBeingReplaced() ? Promise.resolve() : http.drain();

/** How long a connection that is not read any more stays open. Its client reads the response, and cannot connect again at once. */
const UNREAD_CONNECTION_MS = 500;

/** Closes a connection after some time, without reading what its client still sends. */
function closeUnread(socket: Socket): void {
  socket.pause();
  // Node.js resumes it after each response.
  socket.on('resume', () => socket.pause());
  setTimeout(() => socket.destroy(), UNREAD_CONNECTION_MS).unref();
}

/** The rest of a larger body takes longer to read than a new connection. */
const LARGE_BODY_BYTES = 65_536; // 64 KiB

/** Whether a body is announced to be large. */
const isLargeBody = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) > LARGE_BODY_BYTES;

/**
 * Closes the connection of a request that is answered before the end of its body. Node.js would read a body to its end, also a large
 * one that is refused. The end of a body of unknown length might never come, and tiny chunks take most of the time of a process.
 */
function leaveRestOfBody(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  // Node.js calls it after a response with `connection: close`. A client that still sends would not read the response.
  socket.destroySoon = () => {
    if (request.complete) Socket.prototype.destroySoon.call(socket);
    else socket.end();
  };
  response.once('finish', () => {
    if (request.complete) return;
    // Node.js may parse another packet of chunks before the connection is paused.
    skipBody(socket);
    // The response may be sent before Node.js has read the packet to its end.
    setImmediate(() => {
      if (request.complete) skippedConnections.get(socket)?.();
      else closeUnread(socket);
    });
  });
}

/** Chunks of a body, besides one for each {@link BYTES_PER_CHUNK}. Each takes time, however small it is. */
const MAX_SMALL_CHUNKS = 128;
const BYTES_PER_CHUNK = 128;

/** An error whose message is for the client, in the format of the package `http-errors`. */
const TOO_SMALL_CHUNKS_ERROR = Object.assign(
  new Error(
    `The request body arrives in too small chunks. Send chunks of at least ${String(BYTES_PER_CHUNK)} bytes.`,
  ),
  { status: 400, expose: true },
);

/**
 * Discards the rest of a body that arrives in too small chunks, and closes its connection. Who reads the body gets an error. Node.js
 * parses all chunks of a packet, up to 11,000, before anything else. To pass them on to a stream takes thirty times as long as to
 * parse them.
 */
function limitChunks(request: IncomingMessage): void {
  let chunkCount = 0;
  let byteCount = 0;
  // Node.js calls it for each chunk.
  request.push = (chunk: Buffer | null) => {
    chunkCount += 1;
    byteCount += chunk?.length ?? 0;
    if (chunkCount > MAX_SMALL_CHUNKS + byteCount / BYTES_PER_CHUNK) {
      request.push = discard;
      skipAll(request.socket);
      closeUnread(request.socket);
      failBody(request, TOO_SMALL_CHUNKS_ERROR);
      return true;
    }
    return Readable.prototype.push.call(request, chunk);
  };
}

const discard = () => true;

/** Ends the stream of a body with an error. Its connection stays open for the response. */
function failBody(request: IncomingMessage, error: Error): void {
  // Node.js would destroy the connection.
  request._destroy = (reason, callback) => callback(reason);
  // The body may have no reader yet.
  request.on('error', () => undefined);
  request.destroy(error);
}

/** Indexes of the functions that Node's HTTP parser calls: `HTTPParser.kOnHeaders` and so on, which are not exported. */
const PARSER_FUNCTIONS = { onHeaders: 1, onHeadersComplete: 2, onBody: 3, onMessageComplete: 4 };
type ParserFunction = keyof typeof PARSER_FUNCTIONS;

/** Each function lets Node's HTTP parser read a connection again. */
const skippedConnections = new WeakMap<Socket, () => void>();

/** Lets Node's HTTP parser skip what a connection still sends of a body, until its next request. */
const skipBody = (socket: Socket): void => skip(socket, ['onBody']);

/** Lets Node's HTTP parser skip all that a connection still sends, until it is closed. */
const skipAll = (socket: Socket): void =>
  skip(socket, ['onHeaders', 'onHeadersComplete', 'onBody', 'onMessageComplete']);

/**
 * Takes functions from Node's HTTP parser. The parser then stays in native code: 11,000 chunks take 1 ms instead of 10 ms, and 1,000
 * requests 1 ms instead of 20 ms. If Node has no such functions at these places, nothing changes.
 */
function skip(socket: Socket, names: readonly ParserFunction[]): void {
  skippedConnections.get(socket)?.();
  const { parser } = socket as Socket & { readonly parser?: Record<number, unknown> | null };
  const indexes = names.map((name) => PARSER_FUNCTIONS[name]);
  if (!parser || indexes.some((index) => typeof parser[index] !== 'function')) return;
  const functions = indexes.map((index) => [index, parser[index]] as const);
  for (const index of indexes) parser[index] = undefined;
  const readAgain = () => {
    skippedConnections.delete(socket);
    socket.off('close', readAgain);
    for (const [index, value] of functions) parser[index] = value;
  };
  skippedConnections.set(socket, readAgain);
  // Then Node keeps the parser for another connection.
  socket.prependOnceListener('close', readAgain);
}

/** Requests of a connection that wait behind an unanswered one. Browsers and most clients send none. */
const MAX_PIPELINED_REQUESTS = 16;

/**
 * Bounds the requests that one connection sends without waiting for answers: Node.js handles all of them that arrive in one
 * packet before any request of another connection. A connection that exceeds the limit is not read any more and closed.
 */
function createPipelineLimit(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const waitingCounts = new WeakMap<Socket, number>();
  const closing = new WeakSet<Socket>();
  return ({ socket }, response) => {
    if (socket.destroyed || closing.has(socket)) return false;
    // Node.js assigns the socket to a response when those before it are sent.
    if (response.socket) return true;
    const count = (waitingCounts.get(socket) ?? 0) + 1;
    if (count > MAX_PIPELINED_REQUESTS) {
      closing.add(socket);
      skipAll(socket);
      closeUnread(socket);
      return false;
    }
    waitingCounts.set(socket, count);
    response.once('close', () => waitingCounts.set(socket, (waitingCounts.get(socket) ?? 1) - 1));
    return true;
  };
}

/**
 * A response that adds the headers of all responses when its head is written. To set each with `setHeader` before takes as
 * long as a fiftieth of a small operation.
 */
class ServiceResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  commonHeaders: OutgoingHttpHeaders | undefined;
  /** When the request arrived, in milliseconds of `performance.now()`. */
  startedAt = 0;
  requestPath = '';
  /** Undefined after the response is counted. */
  requestStatistics: HttpRequestStatistics | undefined;

  setCommonHeaders(): void {
    for (const [name, value = ''] of Object.entries(this.commonHeaders ?? {})) this.setHeader(name, value);
    this.commonHeaders = undefined;
  }

  override writeHead(status: number, reason?: string | WrittenHeaders, headers?: WrittenHeaders): this {
    const { commonHeaders, requestStatistics } = this;
    if (requestStatistics) {
      this.requestStatistics = undefined;
      requestStatistics.record(this.requestPath, status, performance.now() - this.startedAt);
    }
    // The rest of the body will not be read: see leaveRestOfBody.
    if (commonHeaders && !this.req.complete && isLargeBody(this.req)) commonHeaders.connection = 'close';
    if (commonHeaders && typeof reason === 'object' && !Array.isArray(reason)) {
      // Not a spread of both objects, which takes several microseconds.
      return super.writeHead(status, Object.assign(commonHeaders, reason));
    }
    this.setCommonHeaders();
    return typeof reason === 'string'
      ? super.writeHead(status, reason, headers)
      : super.writeHead(status, reason ?? headers);
  }
}

type WrittenHeaders = OutgoingHttpHeaders | OutgoingHttpHeader[];

const JSON_TYPE = 'application/json; charset=utf-8';
const { message: REJECTED_HOST_MESSAGE, extensions: REJECTED_HOST_EXTENSIONS } = createForbiddenError(
  'The Host header is not allowed. Use a URL with localhost, 127.0.0.1 or [::1], or add the host to ALLOWED_HOSTS.',
);
const REJECTED_HOST_BODY = JSON.stringify({
  errors: [{ message: REJECTED_HOST_MESSAGE, extensions: REJECTED_HOST_EXTENSIONS }],
});

function rejectUpgradeForHost(connection: Duplex): void {
  connection.on('error', () => undefined);
  const headers = [
    'HTTP/1.1 403 Forbidden',
    'connection: close',
    'x-content-type-options: nosniff',
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(REJECTED_HOST_BODY)}`,
  ];
  connection.end(`${headers.join('\r\n')}\r\n\r\n${REJECTED_HOST_BODY}`);
}

const ID_BYTES = 16;
/** Random bytes for the next ids. To fetch them for each id would take several times as long. */
const randomPool = Buffer.alloc(256 * ID_BYTES);
let usedBytes = randomPool.length;

/** Creates an id of 32 hex digits. */
function createCorrelationId(): string {
  if (usedBytes === randomPool.length) {
    randomFillSync(randomPool);
    usedBytes = 0;
  }
  usedBytes += ID_BYTES;
  return randomPool.toString('hex', usedBytes - ID_BYTES, usedBytes);
}

/**
 * The caller's correlation id if it is safe to log (8 to 64 letters, digits, `_`, `.` or `-`). Otherwise a new id.
 * @param header the value of {@link CORRELATION_ID_HEADER}
 */
export const resolveCorrelationId = (header: unknown): string =>
  typeof header === 'string' && ACCEPTED_ID.test(header) ? header : createCorrelationId();

/** The path of a request's URL, without the query string and without a trailing slash. */
export function getRequestPath(url = ''): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** HTTP statuses of expected errors that end a whole request, by code. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  IDENTITY_UNAVAILABLE: 503,
};
const STORAGE_ERROR_STATUS = 503;

/** The value of `extensions.http` of an expected error that brings its own status, as in Apollo Server. Clients do not get it. */
interface HttpExtension {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Installs the last middleware of an app. Expected errors and unreadable requests get their HTTP status and a GraphQL
 * error. A failure of the storage is logged, with status 503. Any other error is logged and masked, with status 500.
 */
export function installHttpErrorHandler(app: Express, logger: Logger): void {
  const handler: express.ErrorRequestHandler = (error: unknown, { headers }, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const storageError = toStorageError(error);
    if (error instanceof ExpectedError && !storageError) {
      const { message } = error;
      const { http = {}, ...extensions } = error.extensions as typeof error.extensions & {
        readonly http?: HttpExtension;
      };
      const ownStatus = http.status ?? STATUS_BY_CODE[extensions.code];
      if (ownStatus !== undefined) {
        if (extensions.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer');
        response
          .status(ownStatus)
          .set(http.headers ?? {})
          .json({ errors: [{ message, extensions }] });
        return;
      }
    }
    const { status, expose, message } = error as { status?: number; expose?: boolean; message?: string };
    // Express reports a path that it cannot decode as a URIError without `expose`.
    if (status !== undefined && (expose === true || error instanceof URIError)) {
      const code = status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST';
      response.status(status).json({ errors: [{ message, extensions: { code } }] });
      return;
    }
    const correlationId = headers[CORRELATION_ID_HEADER];
    logger.error({ err: error, correlationId }, 'a request failed');
    const code = storageError?.code ?? 'INTERNAL_SERVER_ERROR';
    response.status(storageError ? STORAGE_ERROR_STATUS : 500).json({
      errors: [
        {
          message: storageError?.message ?? 'Internal server error',
          extensions: { code, correlationId },
        },
      ],
    });
  };
  app.use(handler);
}
