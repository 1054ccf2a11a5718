import {
  createClientTransports,
  type GraphQLEngine,
  type TransportHooks,
  type ClientTransports,
} from '@seguridad-abc/executor';
import { type HttpServer, type Logger } from '@seguridad-abc/platform';
import type { GatewaySession } from '../requests/authentication.js';
import type { RequestContext } from '../requests/transport-hooks.js';
import { isWebSocketOriginAllowed, wrapWithCors, type AllowedOrigin } from './origins.js';
import { renderSandboxPage } from './sandbox-page.js';

/** Path of all GraphQL transports, and of the landing page. */
export const GRAPHQL_PATH = '/graphql';

export interface GraphQLEndpointOptions {
  readonly http: Pick<HttpServer, 'mount' | 'mountUpgrade'>;
  readonly engine: GraphQLEngine<RequestContext>;
  readonly hooks: TransportHooks<RequestContext, GatewaySession>;
  /** The web origins whose pages may call, besides the gateway's own pages. */
  readonly allowedOrigins: readonly AllowedOrigin[];
  /** Limit for a request body and for a WebSocket message, in bytes. */
  readonly maxMessageBytes: number;
  /** Without the landing page, browsers get an error at the endpoint. */
  readonly hasLandingPage: boolean;
  readonly logger: Logger;
}

/** Serves GraphQL over HTTP, server-sent events, multipart and WebSocket at {@link GRAPHQL_PATH}. */
export function serveGraphQLEndpoint(options: GraphQLEndpointOptions): ClientTransports {
  const { http, engine, hooks, allowedOrigins, maxMessageBytes, hasLandingPage, logger } = options;
  const transports = createClientTransports({
    engine,
    hooks,
    limits: { maxMessageBytes },
    mayOpenSocket: ({ headers }) => isWebSocketOriginAllowed(headers.origin, headers.host, allowedOrigins),
    landingPage: hasLandingPage ? renderSandboxPage : undefined,
    logger,
  });
  http.mount(GRAPHQL_PATH, wrapWithCors(allowedOrigins, transports.handleRequest));
  http.mountUpgrade(GRAPHQL_PATH, transports.handleUpgrade);
  return transports;
}

/** Answers every request to {@link GRAPHQL_PATH} with status 503, until {@link serveGraphQLEndpoint} is called. */
export function rejectGraphQLRequests(http: Pick<HttpServer, 'mount'>, message: string): void {
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
  http.mount(GRAPHQL_PATH, (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  });
}
