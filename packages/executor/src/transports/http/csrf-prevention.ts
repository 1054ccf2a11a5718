import type { IncomingHttpHeaders } from 'node:http';
import { createHttpError } from '../shared/error-responses.js';

/** Browsers send these content types to other sites without a CORS preflight. */
const SIMPLE_CONTENT_TYPES: readonly (string | undefined)[] = [
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
];
/** Each of these headers makes a browser send a preflight. Apollo's clients set one of them. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Prevents cross-site request forgery as Apollo Server does: a request must be one for which a browser sends a CORS
 * preflight. A request with a Bearer token is accepted too.
 * @see https://www.apollographql.com/docs/apollo-server/security/cors#preventing-cross-site-request-forgery-csrf
 * @throws GraphQLError with status 400
 */
export function requirePreflight(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== '' && !SIMPLE_CONTENT_TYPES.includes(type)) return;
  if (PREFLIGHT_HEADERS.some((name) => (headers[name] ?? '') !== '')) return;
  // Browsers add stored credentials for Basic and Digest, never for Bearer.
  if (/^bearer /i.test(headers.authorization ?? '')) return;
  throw createHttpError(
    400,
    'BAD_REQUEST',
    'The request was blocked because it could be a cross-site request forgery. Send the content-type ' +
      `application/json or one of the headers ${PREFLIGHT_HEADERS.join(', ')}.`,
  );
}
