import {
  createTransports,
  type GraphQLEngine,
  type TransportHooks,
  type Transports,
} from '@seguridad-abc/executor';
import { getRequestPath, type HttpServer, type Logger } from '@seguridad-abc/platform';
import type { GatewaySession } from '../operations/client-session.js';
import type { RequestContext } from '../operations/request-context.js';
import { crossOrigin } from './cors.js';
import { mayOpenSocket } from './origins.js';
import { sandboxPage } from './sandbox-page.js';

/** Of all operations, over every transport, and of the landing page. */
export const GRAPHQL_PATH = '/graphql';

export interface EndpointOptions {
  readonly http: Pick<HttpServer, 'server' | 'mount'>;
  readonly engine: GraphQLEngine<RequestContext>;
  readonly hooks: TransportHooks<RequestContext, GatewaySession>;
  /** Web origins whose pages may call, beside this server's own. */
  readonly origins: readonly string[];
  /** Of a request's body and of a message on a socket. */
  readonly maxMessageBytes: number;
  readonly isProduction: boolean;
  readonly logger: Logger;
}

/** The one way in: serves operations over every transport. */
export function serveGraphql(options: EndpointOptions): Transports {
  const { http, engine, hooks, origins, maxMessageBytes, isProduction, logger } = options;
  const transports = createTransports({
    engine,
    hooks,
    limits: { maxMessageBytes },
    mayOpenSocket: ({ headers }) => mayOpenSocket(headers.origin, headers.host, origins),
    landingPage: isProduction ? undefined : sandboxPage,
    logger,
  });
  http.mount(GRAPHQL_PATH, crossOrigin(origins, transports.handleRequest));
  http.server.on('upgrade', (request, connection, head) => {
    if (getRequestPath(request.url) === GRAPHQL_PATH) transports.handleUpgrade(request, connection, head);
    else connection.destroy();
  });
  return transports;
}
