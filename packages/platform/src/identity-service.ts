import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { createMissingTokenError, createUnauthenticatedError, StartError } from './errors.js';
import { createHostCheck, isLoopbackHost } from './host-names.js';
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
  /**
   * Returns the caller if `authenticate` would return it synchronously, because the token was verified recently. Verifies
   * nothing: a malformed header, too, is left to `authenticate`.
   */
  readonly findVerified: (authorization: unknown) => Caller | undefined;
  /**
   * Whether a request is answered, by its `Host` header: see {@link createHostCheck}. Processes of this installation may
   * address each other by any name.
   */
  readonly isAcceptedHost: (headers: IncomingHttpHeaders) => boolean;
  /** Whether a request comes from a process of this installation. */
  readonly isFromInstallation: (headers: IncomingHttpHeaders) => boolean;
  /** @throws ExpectedError UNAUTHENTICATED if a request does not come from a process of this installation */
  readonly assertFromInstallation: (headers: IncomingHttpHeaders) => void;
  /** Headers that identify this process to the other processes of this installation. */
  readonly installationHeaders: Readonly<Record<string, string>>;
  /** The use and the size of the cache of verified tokens. Undefined with `AUTH=off`. */
  readonly tokenCache?: TokenCacheStatistics | undefined;
}

/** The use and the size of the cache of verified tokens. */
export interface TokenCacheStatistics {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

/** Every caller with `AUTH=off`. */
const LOCAL_OPERATOR: Caller = { id: 'local', role: 'operator', expiresAt: Infinity };

type IdentitySettings = Parameters<typeof createTokenVerifier>[0] &
  Pick<CommonSettings, 'AUTH' | 'HOST' | 'INSTALLATION_SECRET'> &
  Partial<Pick<CommonSettings, 'ALLOWED_HOSTS' | 'PUBLIC_ORIGIN'>>;

/** @throws StartError if the settings contradict each other, or the data folder cannot be used */
export function createIdentityService(settings: IdentitySettings, logger: Logger): IdentityService {
  if (settings.AUTH === 'off') return createOpenIdentityService(settings, logger);
  const verifier = createTokenVerifier(settings, logger);
  const secret = readInstallationSecret(settings.DATA_DIR, settings.INSTALLATION_SECRET);
  const isFromInstallation = createInstallationSecretCheck(secret);
  const tokens = createVerifiedTokenCache(verifier.verify, verifier.isTrusted);
  const isAllowedHost = createHostCheck({ ALLOWED_HOSTS: [], ...settings });
  return {
    required: true,
    authenticate: (authorization) => tokens.authenticate(parseBearerToken(authorization)),
    findVerified: (authorization) => {
      const text = typeof authorization === 'string' ? authorization : '';
      // Only tokens are in the cache, so that the text after the usual prefix needs no check if it is found.
      const usual = text.startsWith(BEARER_PREFIX)
        ? tokens.find(text.slice(BEARER_PREFIX.length))
        : undefined;
      if (usual) return usual;
      const token = findBearerToken(text);
      return token === undefined ? undefined : tokens.find(token);
    },
    isAcceptedHost: (headers) => isAllowedHost(headers.host) || isFromInstallation(headers),
    isFromInstallation,
    assertFromInstallation(headers) {
      if (!isFromInstallation(headers))
        throw createUnauthenticatedError(
          'Only the gateway may call this process. Send the request to the gateway.',
        );
    },
    installationHeaders: { [INSTALLATION_SECRET_HEADER]: secret },
    get tokenCache() {
      return tokens.statistics;
    },
  };
}

function createOpenIdentityService(settings: IdentitySettings, logger: Logger): IdentityService {
  const { HOST, ALLOWED_HOSTS = [], PUBLIC_ORIGIN } = settings;
  if (!isLoopbackHost(HOST)) {
    throw new StartError(
      `AUTH=off requires a loopback HOST (it is "${HOST}"). Set HOST=127.0.0.1, or AUTH=required.`,
    );
  }
  if (ALLOWED_HOSTS.length > 0 || PUBLIC_ORIGIN !== undefined) {
    throw new StartError(
      'AUTH=off allows only requests to this machine. Unset ALLOWED_HOSTS and PUBLIC_ORIGIN, or set AUTH=required.',
    );
  }
  const isLoopback = createHostCheck({ HOST, ALLOWED_HOSTS });
  logger.warn('AUTH=off: every caller on this machine is an operator');
  return {
    required: false,
    authenticate: () => LOCAL_OPERATOR,
    findVerified: () => LOCAL_OPERATOR,
    isAcceptedHost: ({ host }) => isLoopback(host),
    isFromInstallation: () => true,
    assertFromInstallation: () => undefined,
    installationHeaders: {},
  };
}

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

const BEARER_PREFIX = 'Bearer ';
const BEARER_PATTERN = /^Bearer +([\w.~+/-]+=*) *$/i;
/** Longest accepted token, in characters. All characters of a token are ASCII, so these are 8 KiB. */
const MAX_TOKEN_LENGTH = 8_192;

/**
 * Extracts the token from the value of an `Authorization` header
 * ([RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)). On a WebSocket, the value is any JSON.
 * @throws ExpectedError UNAUTHENTICATED if there is no bearer token, or if it is longer than 8 KiB
 */
export function parseBearerToken(authorization: unknown): string {
  const token = findBearerToken(authorization);
  if (token !== undefined) return token;
  const value = authorization ?? '';
  if (typeof value === 'string' && value.trim() === '') throw createMissingTokenError();
  const isTooLong = typeof value === 'string' && BEARER_PATTERN.test(value);
  throw createUnauthenticatedError(
    isTooLong
      ? 'The token is longer than 8 KiB. Request a token with fewer claims.'
      : 'The Authorization header is malformed. Send: Bearer <token>.',
  );
}

/** @returns undefined where {@link parseBearerToken} throws */
function findBearerToken(authorization: unknown): string | undefined {
  const text = typeof authorization === 'string' ? authorization : '';
  const token = BEARER_PATTERN.exec(text)?.[1];
  if (token === undefined || token.length > MAX_TOKEN_LENGTH) return undefined;
  // The part of a text that a pattern finds keeps the whole text in memory. A copy does not.
  const isMostlySpaces = text.length > 2 * token.length;
  return isMostlySpaces ? Buffer.from(token, 'latin1').toString('latin1') : token;
}

/** How long a verified token is trusted before its key is checked again. */
const TRUST_MS = 60_000; // 1 minute
/** Maximum size of the cache in bytes: about 10,000 tokens of 500 characters. */
const MAX_CACHE_SIZE_BYTES = 16_777_216; // 16 MiB
/** Estimated size of a cached token without its text: the caller, its key check and the cache's own fields. */
const ENTRY_OVERHEAD_BYTES = 600;
/** Estimated size of a scope or policy in a list and in a set, without its text. */
const NAME_BYTES = 100;

interface VerifiedToken {
  readonly caller: Caller;
  /** Wall-clock time of the check, in ms since 1970. */
  readonly checkedAt: number;
}

/** Verified tokens, and the verification of others. */
export interface VerifiedTokenCache {
  /** Returns the caller of a token that was verified recently; always the same object. */
  readonly find: (token: string) => Caller | undefined;
  /** Returns the caller of a token: synchronously if it was verified recently. */
  readonly authenticate: (token: string) => Caller | Promise<Caller>;
  readonly statistics: TokenCacheStatistics;
}

/**
 * Wraps token verification with a cache: each token's signature is verified once, and its key is checked once a minute.
 * Verification is the most expensive part of a request. Failures are not cached. The least recently used tokens are
 * evicted when the cache exceeds 16 MiB.
 * @param verify verifies a token
 * @param isTrusted whether the key of a verified token is still valid
 * @param now wall clock, in ms since 1970
 */
export function createVerifiedTokenCache(
  verify: (token: string) => Promise<Caller>,
  isTrusted: (caller: Caller) => Promise<boolean>,
  now: () => number = Date.now,
): VerifiedTokenCache {
  const cache = new LRUCache<string, VerifiedToken>({
    maxSize: MAX_CACHE_SIZE_BYTES,
    // The gateway keeps the token a second time, in the header for subgraphs.
    sizeCalculation: ({ caller: { scopes = [], policies = [] } }, token) =>
      2 * token.length + ENTRY_OVERHEAD_BYTES + NAME_BYTES * (scopes.length + policies.length),
  });
  let hits = 0;
  let misses = 0;
  const check = async (token: string, cached: VerifiedToken | undefined) => {
    misses += 1;
    cache.delete(token);
    const checkedAt = now();
    const isValid = cached && !isExpired(cached, checkedAt) && (await isTrusted(cached.caller));
    const caller = isValid ? cached.caller : await verify(token);
    cache.set(token, { caller, checkedAt });
    return caller;
  };
  const find = (token: string): Caller | undefined => {
    const cached = cache.get(token);
    if (!cached || !isFresh(cached, now())) return undefined;
    hits += 1;
    return cached.caller;
  };
  return {
    get statistics() {
      return { hits, misses, entries: cache.size, bytes: cache.calculatedSize, maxBytes: cache.maxSize };
    },
    find,
    authenticate: (token) => find(token) ?? check(token, cache.get(token)),
  };
}

const isFresh = (token: VerifiedToken, now: number): boolean =>
  !isExpired(token, now) && now - token.checkedAt < TRUST_MS;

/** A clock that was set back counts as expiry: it must not extend a token's life. */
const isExpired = ({ caller, checkedAt }: VerifiedToken, now: number): boolean =>
  now < checkedAt || now >= caller.expiresAt + CLOCK_TOLERANCE_SECONDS * 1_000;
