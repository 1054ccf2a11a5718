import type { RequestListener } from 'node:http';
import { CONSISTENCY_HEADER } from '@seguridad-abc/contracts';
import { CORRELATION_HEADER } from '@seguridad-abc/platform';
import cors from 'cors';

/** How long a browser may keep the answer to a preflight, in seconds. */
const MAX_AGE = 600;

/** Lets pages of the given origins call from a browser; those of others get no headers, and their browser refuses. */
export function crossOrigin(origins: readonly string[], listener: RequestListener): RequestListener {
  const allowed = new Set(origins);
  const addHeaders = cors({
    origin: [...origins],
    methods: ['GET', 'POST'],
    exposedHeaders: [CORRELATION_HEADER, CONSISTENCY_HEADER],
    maxAge: MAX_AGE,
  });
  return (request, response) => {
    const { method, headers } = request;
    // What no page of another origin sends needs no leave.
    if (headers.origin === undefined && method !== 'OPTIONS') {
      listener(request, response);
      return;
    }
    // A public page that calls a private address has to be allowed that too (Private Network Access).
    if (method === 'OPTIONS' && headers['access-control-request-private-network'] === 'true') {
      if (headers.origin !== undefined && allowed.has(headers.origin))
        response.setHeader('access-control-allow-private-network', 'true');
    }
    addHeaders(request, response, () => listener(request, response));
  };
}
