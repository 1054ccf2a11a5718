import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createMissingTokenError, createUnauthenticatedError, StartError } from './errors.js';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from './installation-secret.js';
import type { Logger } from './logger.js';
import type { CommonSettings } from './settings.js';
import { CLOCK_TOLERANCE_SECONDS, createTokenVerifier, type Caller } from './token-verifier.js';

/** Header of the bearer token: from clients to the gateway, and from the gateway to the subgraphs. */
export const AUTHORIZATION_HEADER = 'authorization';

/** Authenticates callers and processes of this installation. */
export interface IdentityService {
  /** Whether callers must authenticate: false with `AUTH=off`. */
  readonly required: boolean;
  /**
   * Authenticates a caller by the value of the `Authorization` header. Returns the caller synchronously, as the same
   * object, if the token was verified recently.
   * @throws ExpectedError UNAUTHENTICATED, or IDENTITY_UNAVAILABLE if the issuer's keys cannot be fetched
   */
  readonly authenticate: (authorization: unknown) => Caller | Promise<Caller>;
  /** Whether a request comes from a process of this installation. */
  readonly isFromInstallation: (headers: IncomingHttpHeaders) => boolean;
  /** @throws ExpectedError UNAUTHENTICATED if a request does not come from a process of this installation */
  readonly assertFromInstallation: (headers: IncomingHttpHeaders) => void;
  /** Headers that identify this process to the other processes of this installation. */
  readonly installationHeaders: Readonly<Record<string, string>>;
}

/** Every caller with `AUTH=off`. */
const LOCAL_OPERATOR: Caller = { id: 'local', role: 'operator', expiresAt: Infinity };

type IdentitySettings = Parameters<typeof createTokenVerifier>[0] &
  Pick<CommonSettings, 'AUTH' | 'HOST' | 'INSTALLATION_SECRET'>;

/** @throws StartError if the settings contradict each other, or the data folder cannot be used */
export function createIdentityService(settings: IdentitySettings, logger: Logger): IdentityService {
  if (settings.AUTH === 'off') return createOpenIdentityService(settings.HOST, logger);
  const verifier = createTokenVerifier(settings, logger);
  const secret = readInstallationSecret(settings.DATA_DIR, settings.INSTALLATION_SECRET);
  const isFromInstallation = createInstallationSecretCheck(secret);
  return {
    required: true,
    authenticate: createVerifiedTokenCache(
      async (authorization) => verifier.verify(parseBearerToken(authorization)),
      verifier.isTrusted,
    ),
    isFromInstallation,
    assertFromInstallation(headers) {
      if (!isFromInstallation(headers))
        throw createUnauthenticatedError(
          'Only the gateway may call this process. Send the request to the gateway.',
        );
    },
    installationHeaders: { [INSTALLATION_SECRET_HEADER]: secret },
  };
}

function createOpenIdentityService(host: string, logger: Logger): IdentityService {
  if (!isLoopbackHost(host)) {
    throw new StartError(
      `AUTH=off requires a loopback HOST (it is "${host}"). Set HOST=127.0.0.1, or AUTH=required.`,
    );
  }
  logger.warn('AUTH=off: every caller on this machine is an operator');
  return {
    required: false,
    authenticate: () => LOCAL_OPERATOR,
    isFromInstallation: () => true,
    assertFromInstallation: () => undefined,
    installationHeaders: {},
  };
}

/** Whether an address or host name is loopback: reachable from this machine only. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);

/** Creates a check whether a request carries the secret. The comparison takes constant time. */
function createInstallationSecretCheck(secret: string): (headers: IncomingHttpHeaders) => boolean {
  const expectedDigest = digest(secret);
  return (headers) => {
    const received = headers[INSTALLATION_SECRET_HEADER];
    return typeof received === 'string' && timingSafeEqual(digest(received), expectedDigest);
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

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

/** How long a verified token is trusted before its key is checked again. */
const TRUST_MS = 60_000; // 1 minute
const MAX_CACHED_TOKENS = 10_000;

interface VerifiedToken {
  readonly caller: Caller;
  /** Wall-clock time of the check, in ms since 1970. */
  readonly checkedAt: number;
}

/**
 * Wraps token verification with a cache: each token's signature is verified once, and its key is checked once a minute.
 * Verification is the most expensive part of a request. Failures are not cached.
 * @param verify verifies the value of an `Authorization` header
 * @param isTrusted whether the key of a verified token is still valid
 * @param now wall clock, in ms since 1970
 * @returns a function that returns the caller of a cached token synchronously, as the same object
 */
export function createVerifiedTokenCache(
  verify: (authorization: unknown) => Promise<Caller>,
  isTrusted: (caller: Caller) => Promise<boolean>,
  now: () => number = Date.now,
): (authorization: unknown) => Caller | Promise<Caller> {
  const cache = new Map<unknown, VerifiedToken>();
  const check = async (authorization: unknown, cached: VerifiedToken | undefined) => {
    cache.delete(authorization);
    const checkedAt = now();
    const isValid = cached && !isExpired(cached, checkedAt) && (await isTrusted(cached.caller));
    const caller = isValid ? cached.caller : await verify(authorization);
    // Evicts the oldest entry. A least-recently-used order is not needed: every entry is checked again after a minute.
    const [oldest] = cache.keys();
    if (cache.size >= MAX_CACHED_TOKENS && oldest !== undefined) cache.delete(oldest);
    cache.set(authorization, { caller, checkedAt });
    return caller;
  };
  return (authorization) => {
    const cached = cache.get(authorization);
    return cached && isFresh(cached, now()) ? cached.caller : check(authorization, cached);
  };
}

const isFresh = (token: VerifiedToken, now: number): boolean =>
  !isExpired(token, now) && now - token.checkedAt < TRUST_MS;

/** A clock that was set back counts as expiry: it must not extend a token's life. */
const isExpired = ({ caller, checkedAt }: VerifiedToken, now: number): boolean =>
  now < checkedAt || now >= caller.expiresAt + CLOCK_TOLERANCE_SECONDS * 1_000;
