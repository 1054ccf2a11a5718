import { CONSISTENCY_HEADER } from '@seguridad-abc/contracts';
import { CORRELATION_HEADER } from '@seguridad-abc/platform';
import cors from 'cors';
import type { RequestHandler } from 'express';

/** How long a browser may keep the answer to a preflight, in seconds. */
const MAX_AGE = 600;

/** Lets pages of the given origins call from a browser; those of others get no headers, and their browser refuses. */
export function crossOrigin(origins: readonly string[]): RequestHandler[] {
  const allowed = new Set(origins);
  /** A public page that calls a private address has to be allowed that too (Private Network Access). */
  const privateNetwork: RequestHandler = ({ method, headers }, response, next) => {
    const { origin } = headers;
    if (method === 'OPTIONS' && headers['access-control-request-private-network'] === 'true') {
      if (origin !== undefined && allowed.has(origin)) {
        response.setHeader('access-control-allow-private-network', 'true');
      }
    }
    next();
  };
  return [
    privateNetwork,
    cors({
      origin: [...origins],
      methods: ['GET', 'POST'],
      exposedHeaders: [CORRELATION_HEADER, CONSISTENCY_HEADER],
      maxAge: MAX_AGE,
    }),
  ];
}
