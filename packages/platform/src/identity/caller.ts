import type { Actor } from '@seguridad-abc/contracts';
import { ExpectedError } from '../errors.js';

/** Whoever sent a request, as its verified token says. */
export interface Caller extends Actor {
  /** When the token ends, in ms since 1970; Infinity where there is none to end. */
  readonly expiresAt: number;
}

/** Of clients' requests, and of the gateway's to the subgraphs. */
export const AUTHORIZATION_HEADER = 'authorization';

export const unauthenticatedError = (message: string): ExpectedError =>
  new ExpectedError('UNAUTHENTICATED', message);

export const missingTokenError = (): ExpectedError =>
  unauthenticatedError('A token is needed: Authorization: Bearer <token>.');

export const forbiddenError = (message: string): ExpectedError => new ExpectedError('FORBIDDEN', message);

/** Whether an `Authorization` header, or what stands for one, says anything at all. */
export const hasAuthorization = (authorization: unknown): boolean =>
  authorization !== undefined && authorization !== null && authorization !== '';

const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;

/**
 * The token in the value of an `Authorization` header.
 * @throws ExpectedError UNAUTHENTICATED where there is none
 */
export function parseBearerToken(authorization: unknown): string {
  const text: unknown = Array.isArray(authorization) ? authorization[0] : authorization;
  if (typeof text !== 'string' || text.trim() === '') {
    throw missingTokenError();
  }
  const [, token] = BEARER.exec(text) ?? [];
  if (token === undefined)
    throw unauthenticatedError('The authorization must be of the form: Bearer <token>.');
  return token;
}
