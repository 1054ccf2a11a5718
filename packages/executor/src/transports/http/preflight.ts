import type { IncomingHttpHeaders } from 'node:http';
import { requestFault } from '../faults.js';

/** A browser sends these to another site without asking it first. */
const SIMPLE_TYPES: readonly (string | undefined)[] = [
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
];
/** It asks first where one of these is sent: those of Apollo's clients. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Keeps pages of other sites from sending operations with their visitor's rights (CSRF), as Apollo Server does; who brings a token of the
 * kind Bearer need not bring anything else.
 * @throws GraphQLError where the request is one that a browser sends without asking first
 */
export function requirePreflight(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== '' && !SIMPLE_TYPES.includes(type)) return;
  if (PREFLIGHT_HEADERS.some((name) => (headers[name] ?? '') !== '')) return;
  // A browser adds credentials of its own for Basic and Digest, never for Bearer.
  if (/^bearer /i.test(headers.authorization ?? '')) return;
  throw requestFault(
    400,
    'BAD_REQUEST',
    "Blocked, since it may be a forgery of another site's: send the content-type application/json, or one of the " +
      `headers ${PREFLIGHT_HEADERS.join(', ')}.`,
  );
}
