import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { CORRELATION_HEADER, readCorrelationId } from './correlation.js';
import { ExpectedError } from './errors.js';
import type { IdentityService } from './identity/identity-service.js';
import type { Logger } from './logger.js';

const CLOSE_IDLE_EVERY_MS = 50;

export interface ReadinessReport {
  readonly ready: boolean;
  /** What a person wants to know of it, in a word or a figure each. */
  readonly checks: Readonly<Record<string, string | number | boolean>>;
}

export interface HttpServerOptions {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly readiness: () => ReadinessReport;
  readonly identity: Pick<IdentityService, 'isFromInstallation'>;
  readonly logger: Logger;
}

export interface HttpServer {
  readonly app: Express;
  readonly server: Server;
  /** Hands over every request for this path, before the app costs it anything. */
  mount(path: string, listener: RequestListener): void;
  /** Rejects with the system's error where the port cannot be had. */
  listen(): Promise<void>;
  /** Takes no new connection, lets those busy finish, and closes the idle ones. */
  close(): Promise<void>;
}

/**
 * The HTTP side that every service has: correlation ids, `/health` (it lives) and `/ready` (it can do its work). Whoever
 * serves a request finds its id among its headers, whether the client brought one or not.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { service, host, port, readiness, identity, logger } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const mounted = new Map<string, RequestListener>();
  let isClosing = false;
  const server = createServer((request, response) => {
    const id = readCorrelationId(request.headers[CORRELATION_HEADER]);
    request.headers[CORRELATION_HEADER] = id;
    response.setHeader(CORRELATION_HEADER, id);
    if (isClosing) response.setHeader('connection', 'close');
    const listener = mounted.get(requestPath(request.url)) ?? app;
    listener(request, response);
  });

  app.get('/health', (_request, response) => {
    response.json({ service, status: 'alive' });
  });
  app.get('/ready', ({ headers }, response) => {
    const { ready, checks } = readiness();
    // Figures are for the operators: the tools of this installation ask for them.
    const told = identity.isFromInstallation(headers) ? { checks } : {};
    response.status(ready ? 200 : 503).json({ service, ready, ...told });
  });

  return {
    app,
    server,
    mount: (path, listener) => void mounted.set(path, listener),
    async listen() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, backlog: 4096 }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      const address = server.address() as AddressInfo;
      logger.info({ host: address.address, port: address.port }, 'listening');
    },
    async close() {
      if (!server.listening) return;
      isClosing = true;
      // A connection that is busy now is idle when its answer has gone.
      const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearInterval(timer);
    },
  };
}

/** Of a URL as a request has it, without what is asked there, or a slash at its end. */
export function requestPath(url = ''): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Of expected errors that a whole request ends with. */
const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  IDENTITY_UNAVAILABLE: 503,
};

/** The last middleware of an app: a body that cannot be read is the caller's, anything else is ours and masked. */
export function installHttpErrorHandler(app: Express, logger: Logger): void {
  const handler: express.ErrorRequestHandler = (error: unknown, { headers }, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof ExpectedError && STATUS[error.extensions.code] !== undefined) {
      const { message, extensions } = error;
      if (extensions.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer');
      response.status(STATUS[extensions.code] ?? 500).json({ errors: [{ message, extensions }] });
      return;
    }
    const { status, expose, message } = error as { status?: number; expose?: boolean; message?: string };
    // An address that cannot be decoded comes as a URIError of Express's.
    if (status !== undefined && (expose === true || error instanceof URIError)) {
      const code = status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST';
      response.status(status).json({ errors: [{ message, extensions: { code } }] });
      return;
    }
    const correlationId = headers[CORRELATION_HEADER];
    logger.error({ err: error, correlationId }, 'a request failed');
    response.status(500).json({
      errors: [
        { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId } },
      ],
    });
  };
  app.use(handler);
}
