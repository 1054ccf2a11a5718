import type { Actor } from '@seguridad-abc/contracts';
import { ExpectedError } from './errors.js';

/** The sender of a request, as its verified token identifies it. */
export interface Caller extends Actor {
  /** When the token expires, in ms since 1970. Infinity without a token. */
  readonly expiresAt: number;
}

/** Header of the bearer token: from clients to the gateway, and from the gateway to the subgraphs. */
export const AUTHORIZATION_HEADER = 'authorization';

/** Code `UNAUTHENTICATED`: the request has no valid token. */
export const createUnauthenticatedError = (message: string): ExpectedError =>
  new ExpectedError('UNAUTHENTICATED', message);

/** Code `UNAUTHENTICATED`: the request has no token at all. */
export const createMissingTokenError = (): ExpectedError =>
  createUnauthenticatedError('The request has no token. Send the header: Authorization: Bearer <token>.');

/** Code `FORBIDDEN`: the caller is known but not allowed to do this. */
export const createForbiddenError = (message: string): ExpectedError =>
  new ExpectedError('FORBIDDEN', message);

/** Whether the value of an `Authorization` header is present and not empty. */
export const hasAuthorization = (authorization: unknown): boolean =>
  authorization !== undefined && authorization !== null && authorization !== '';

const BEARER_PATTERN = /^Bearer +([\w.~+/-]+=*) *$/i;

/**
 * Extracts the token from the value of an `Authorization` header
 * ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
 * @throws ExpectedError UNAUTHENTICATED if there is no bearer token
 */
export function parseBearerToken(authorization: unknown): string {
  const text: unknown = Array.isArray(authorization) ? authorization[0] : authorization;
  if (typeof text !== 'string' || text.trim() === '') {
    throw createMissingTokenError();
  }
  const [, token] = BEARER_PATTERN.exec(text) ?? [];
  if (token === undefined)
    throw createUnauthenticatedError('The Authorization header is malformed. Send: Bearer <token>.');
  return token;
}
