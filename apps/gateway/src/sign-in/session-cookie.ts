import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AUTHORIZATION_HEADER } from '@seguridad-abc/platform';
import { AMBIGUOUS_SESSION } from '../requests/authentication.js';

/** What decides which pages are the gateway's own. */
export interface OwnOriginSettings {
  /** The origin behind a proxy. Undefined: browsers reach the gateway directly, by `http`. */
  readonly PUBLIC_ORIGIN?: string | undefined;
}

/** The cookie of browsers that have signed in, and the pages that may use it. */
export interface SessionCookie {
  /** The origin of the gateway's own pages, as the request addresses them. */
  readonly getOwnOrigin: (headers: IncomingHttpHeaders) => string;
  /** Whether a page of the gateway has sent the request, as the header `Origin` of its browser says. */
  readonly isFromOwnPage: (headers: IncomingHttpHeaders) => boolean;
  /**
   * Moves the token of the cookie into the header `Authorization` of a request that may use the cookie and carries no
   * token itself. From there on it is verified as any token.
   *
   * Browsers also send the cookie with requests of pages on other ports of the host. A request uses it only if its header
   * `Origin` is exactly the gateway's own origin. Browsers send no `Origin` with a GET request to the own origin: the header
   * `Sec-Fetch-Site`, which no page can set, then has to say so. WebSockets always need `Origin`.
   *
   * A sibling host can set a cookie of the same name for its parent domain, and a page of this host for another path. Browsers then send
   * both, in an order that the other page can choose. Such a request is refused ({@link AMBIGUOUS_SESSION}).
   */
  readonly applyTo: (request: Pick<IncomingMessage, 'headers' | 'method'>) => void;
  /** The value of `Set-Cookie` that signs a browser in. */
  readonly create: (token: string, lifetimeMs: number) => string;
  /** The value of `Set-Cookie` that removes the cookie. */
  readonly clear: () => string;
}

/**
 * Creates the cookie of one gateway.
 * @param port of the gateway. Cookies do not have ports, so the name keeps gateways of one machine apart
 */
export function createSessionCookie({ PUBLIC_ORIGIN }: OwnOriginSettings, port: number): SessionCookie {
  const isSecure = PUBLIC_ORIGIN?.startsWith('https:') === true;
  // With this prefix, browsers accept the cookie over https only, from this very host, and for all its paths.
  const name = isSecure ? '__Host-abc-session' : `abc-session-${port}`;
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;

  const getOwnOrigin = ({ host = '' }: IncomingHttpHeaders) => PUBLIC_ORIGIN ?? `http://${host}`;
  const isFromOwnPage = (headers: IncomingHttpHeaders) =>
    headers.origin !== undefined && headers.origin === getOwnOrigin(headers);
  const isOwnGetRequest = ({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>) =>
    method === 'GET' &&
    headers.origin === undefined &&
    headers.upgrade === undefined &&
    headers['sec-fetch-site'] === 'same-origin';

  return {
    getOwnOrigin,
    isFromOwnPage,
    applyTo(request) {
      const { headers } = request;
      if (headers.cookie === undefined || headers[AUTHORIZATION_HEADER] !== undefined) return;
      if (!isFromOwnPage(headers) && !isOwnGetRequest(request)) return;
      const [token, ...others] = readCookies(headers.cookie, name);
      if (token === undefined) return;
      headers[AUTHORIZATION_HEADER] = others.length > 0 ? AMBIGUOUS_SESSION : `Bearer ${token}`;
    },
    create: (token, lifetimeMs) =>
      `${name}=${token}; Max-Age=${Math.floor(lifetimeMs / 1_000)}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}

/** The values of all cookies of the name in a header `Cookie`. */
const readCookies = (header: string, name: string): readonly string[] =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
