import type { RequestListener } from 'node:http';
import { CONSISTENCY_TOKEN_HEADER } from '@seguridad-abc/contracts';
import { CORRELATION_ID_HEADER } from '@seguridad-abc/platform';
import cors from 'cors';

/** Apollo serves Sandbox and Explorer from these origins. */
const APOLLO_SANDBOX_ORIGINS = [
  'https://studio.apollographql.com',
  'https://sandbox.embed.apollographql.com',
  'https://explorer.embed.apollographql.com',
];
/** How long a browser may cache the response to a preflight request. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** The web origins whose pages may call this gateway, besides the gateway's own pages. */
export const listAllowedOrigins = (settings: {
  readonly CORS_ORIGINS: readonly string[];
  readonly NODE_ENV: string;
}): readonly string[] =>
  settings.NODE_ENV === 'development'
    ? [...settings.CORS_ORIGINS, ...APOLLO_SANDBOX_ORIGINS]
    : settings.CORS_ORIGINS;

/**
 * Whether a WebSocket may be opened. Browsers send no preflight for WebSockets, so any page could send mutations over
 * one. They do send the origin of the page. Other clients send no origin and are allowed.
 * @param origin the header `Origin`
 * @param host the header `Host`; pages of the same host are allowed
 */
export function isWebSocketOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowedOrigins: readonly string[],
): boolean {
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Wraps a listener with [CORS](https://fetch.spec.whatwg.org/#http-cors-protocol) for pages of the allowed origins. Pages
 * of other origins get no CORS headers, so their browser rejects the response.
 */
export function wrapWithCors(allowedOrigins: readonly string[], listener: RequestListener): RequestListener {
  const allowed = new Set(allowedOrigins);
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
    if (method === 'OPTIONS' && asksForPrivateNetwork && allowed.has(headers.origin ?? '')) {
      response.setHeader('access-control-allow-private-network', 'true');
    }
    addCorsHeaders(request, response, () => listener(request, response));
  };
}
