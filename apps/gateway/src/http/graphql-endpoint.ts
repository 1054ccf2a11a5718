import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { CONSISTENCY_TOKEN_HEADER } from '@seguridad-abc/contracts';
import {
  createClientTransports,
  type GraphQLEngine,
  type TransportHooks,
  type ClientTransports,
} from '@seguridad-abc/executor';
import { CORRELATION_ID_HEADER, type HttpServer, type Logger } from '@seguridad-abc/platform';
import cors from 'cors';
import type { GatewaySession } from '../requests/authentication.js';
import { PAGE_COST, type RouteCharges } from '../requests/route-charges.js';
import type { RequestContext } from '../requests/transport-hooks.js';
import { renderSandboxPage } from './sandbox-page.js';

/** Path of all GraphQL transports, and of the landing page. */
export const GRAPHQL_PATH = '/graphql';

/** A web origin, or a pattern of web origins. */
export type AllowedOrigin = string | RegExp;

export interface GraphQLEndpointOptions {
  readonly http: Pick<HttpServer, 'mount' | 'mountUpgrade'>;
  readonly engine: GraphQLEngine<RequestContext>;
  readonly hooks: TransportHooks<RequestContext, GatewaySession>;
  readonly charges: Pick<RouteCharges, 'chargeAddress'>;
  /** The web origins whose pages may call, besides the gateway's own pages. */
  readonly allowedOrigins: readonly AllowedOrigin[];
  /** Limit for a request body and for a WebSocket message, in bytes. */
  readonly maxMessageBytes: number;
  /** Limit for all documents that clients register as automatic persisted queries, in bytes. */
  readonly maxPersistedQueryBytes: number;
  /** JSON responses of this size are compressed if the client accepts it, in bytes. 0 turns compression off. */
  readonly minCompressedBytes: number;
  /** Without the landing page, browsers get an error at the endpoint. */
  readonly hasLandingPage: boolean;
  /** Called for each request and each WebSocket handshake before anything reads it. */
  readonly prepareRequest: ((request: IncomingMessage) => void) | undefined;
  readonly logger: Logger;
}

/** Serves GraphQL over HTTP, server-sent events, multipart and WebSocket at {@link GRAPHQL_PATH}. */
export function serveGraphQLEndpoint(options: GraphQLEndpointOptions): ClientTransports {
  const {
    http,
    engine,
    hooks,
    charges,
    allowedOrigins,
    maxMessageBytes,
    maxPersistedQueryBytes,
    minCompressedBytes,
    hasLandingPage,
    prepareRequest,
    logger,
  } = options;
  const renderLandingPage = (response: ServerResponse) => {
    charges.chargeAddress(response.req, PAGE_COST);
    return renderSandboxPage(response);
  };
  const transports = createClientTransports({
    engine,
    hooks,
    limits: { maxMessageBytes, maxPersistedQueryBytes, minCompressedBytes },
    mayOpenSocket: ({ headers }) => isCallerOriginAllowed(headers.origin, headers.host, allowedOrigins),
    mayReadAcrossOrigins: ({ headers }) =>
      isCallerOriginAllowed(headers.origin, headers.host, allowedOrigins),
    landingPage: hasLandingPage ? renderLandingPage : undefined,
    logger,
  });
  http.mount(
    GRAPHQL_PATH,
    wrapWithCors(allowedOrigins, prepareFirst(prepareRequest, transports.handleRequest)),
  );
  http.mountUpgrade(GRAPHQL_PATH, prepareFirst(prepareRequest, transports.handleUpgrade));
  return transports;
}

function prepareFirst<Rest extends unknown[]>(
  prepare: ((request: IncomingMessage) => void) | undefined,
  listener: (request: IncomingMessage, ...rest: Rest) => void,
): (request: IncomingMessage, ...rest: Rest) => void {
  if (!prepare) return listener;
  return (request, ...rest) => {
    prepare(request);
    listener(request, ...rest);
  };
}

/** Answers every request to {@link GRAPHQL_PATH} with status 503, until {@link serveGraphQLEndpoint} is called. */
export function rejectGraphQLRequests(http: Pick<HttpServer, 'mount'>, message: string): void {
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
  http.mount(GRAPHQL_PATH, (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  });
}

/** Apollo serves Sandbox and Explorer from these origins. */
const APOLLO_SANDBOX_ORIGINS = [
  'https://studio.apollographql.com',
  'https://sandbox.embed.apollographql.com',
  'https://explorer.embed.apollographql.com',
];
/** Any port of this machine: the development server of a page. A registered name such as `localhost.example.com` is not. */
const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
/** How long a browser may cache the response to a preflight request. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/**
 * The web origins whose pages may call this gateway, besides the gateway's own pages. Outside production, these include
 * pages of this machine (loopback). Sandbox is added in development only.
 */
export function listAllowedOrigins(settings: {
  readonly CORS_ORIGINS: readonly string[];
  readonly NODE_ENV: string;
}): readonly AllowedOrigin[] {
  const { CORS_ORIGINS, NODE_ENV } = settings;
  return [
    ...CORS_ORIGINS,
    ...(NODE_ENV === 'production' ? [] : [LOOPBACK_ORIGIN]),
    ...(NODE_ENV === 'development' ? APOLLO_SANDBOX_ORIGINS : []),
  ];
}

const isAllowedOrigin = (origin: string, allowedOrigins: readonly AllowedOrigin[]) =>
  allowedOrigins.some((allowed) => (typeof allowed === 'string' ? allowed === origin : allowed.test(origin)));

/**
 * Whether a WebSocket may be opened, or a GET request read that has no preflight. Browsers send no preflight for WebSockets, so any
 * page could send mutations over one. They do send the origin of the page. Other clients send no origin and are allowed.
 * @param origin the header `Origin`
 * @param host the header `Host`; pages of the same host are allowed
 */
export function isCallerOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowedOrigins: readonly AllowedOrigin[],
): boolean {
  if (origin === undefined || isAllowedOrigin(origin, allowedOrigins)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Wraps a listener with [CORS](https://fetch.spec.whatwg.org/#http-cors-protocol) for pages of the allowed origins. Pages
 * of other origins get no CORS headers, so their browser rejects the response.
 */
export function wrapWithCors(
  allowedOrigins: readonly AllowedOrigin[],
  listener: RequestListener,
): RequestListener {
  const addCorsHeaders = cors({
    origin: [...allowedOrigins],
    methods: ['GET', 'POST'],
    exposedHeaders: [CORRELATION_ID_HEADER, CONSISTENCY_TOKEN_HEADER],
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
  });
  return (request, response) => {
    const { method, headers } = request;
    const isCrossOrigin = headers.origin !== undefined || method === 'OPTIONS';
    if (!isCrossOrigin) {
      listener(request, response);
      return;
    }
    // Private Network Access: a public page needs this header to call a private address.
    const asksForPrivateNetwork = headers['access-control-request-private-network'] === 'true';
    if (
      method === 'OPTIONS' &&
      asksForPrivateNetwork &&
      isAllowedOrigin(headers.origin ?? '', allowedOrigins)
    ) {
      response.setHeader('access-control-allow-private-network', 'true');
    }
    addCorsHeaders(request, response, () => listener(request, response));
  };
}
