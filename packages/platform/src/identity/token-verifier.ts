import { ROLES, type Role } from '@seguridad-abc/contracts';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ExpectedError, errorMessage, StartError } from '../errors.js';
import type { Logger } from '../logger.js';
import { unauthenticatedError, type Caller } from './caller.js';
import { EMBEDDED_ALGORITHM, EMBEDDED_ISSUER, createEmbeddedKeyResolver } from './embedded-issuer.js';
import type { IdentitySettings } from './identity-settings.js';

/** Two clocks may differ by so much. */
export const CLOCK_TOLERANCE_SECONDS = 5;
/** Asymmetric ones alone: who can check a token must not be able to make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** An unknown key id makes the issuer be asked again, but not more often than this. */
const JWKS_COOLDOWN_MS = 2_000;
/** A key that the issuer has taken back is no longer taken after this. */
const JWKS_MAX_AGE_MS = 300_000; // 5 minutes
const JWKS_TIMEOUT_MS = 5_000;

export interface TokenVerifier {
  /** Says who a token is of. @throws ExpectedError UNAUTHENTICATED, or IDENTITY_UNAVAILABLE where keys cannot be had */
  readonly verify: (token: string) => Promise<Caller>;
  /** Whether the key of a caller's token is still the issuer's: much cheaper than to verify it again. */
  readonly isTrusted: (caller: Caller) => Promise<boolean>;
}

interface Trust {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: string[];
}

/** @throws StartError where only a part of an OIDC issuer is given */
export function createTokenVerifier(
  settings: Pick<IdentitySettings, 'AUTH_JWKS_URL' | 'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_ROLE_CLAIM'> & {
    readonly DATA_DIR: string;
  },
  logger: Logger,
): TokenVerifier {
  const { keys, ...expected } = trusted(settings);
  const options = {
    ...expected,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['sub', 'exp'],
  };
  const signedWith = new WeakMap<Caller, () => Promise<boolean>>();
  return {
    async verify(token) {
      try {
        let key: unknown;
        const find: JWTVerifyGetKey = async (header, signed) => (key = await keys(header, signed));
        const { payload, protectedHeader } = await jwtVerify(token, find, options);
        const caller = callerOf(payload, settings.AUTH_ROLE_CLAIM);
        // Keys that are fetched again are other objects: once for each, the signature is looked at again.
        signedWith.set(caller, async () => (await keys(protectedHeader, NO_TOKEN)) === key);
        return caller;
      } catch (error) {
        throw asRefusal(error, logger);
      }
    },
    async isTrusted(caller) {
      try {
        return (await signedWith.get(caller)?.()) === true;
      } catch {
        return false;
      }
    },
  };
}

/** Keys are found by the header alone. */
const NO_TOKEN = { payload: '', signature: '' };

function trusted({
  DATA_DIR,
  AUTH_JWKS_URL: url,
  AUTH_ISSUER: issuer,
  AUTH_AUDIENCE: audience,
}: Parameters<typeof createTokenVerifier>[0]): Trust {
  if (url === undefined && issuer === undefined && audience === undefined) {
    return {
      keys: createEmbeddedKeyResolver(DATA_DIR),
      issuer: EMBEDDED_ISSUER,
      audience: EMBEDDED_ISSUER,
      algorithms: [EMBEDDED_ALGORITHM],
    };
  }
  if (url === undefined || issuer === undefined || audience === undefined) {
    throw new StartError('AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE must be given together.');
  }
  const keys = createRemoteJWKSet(new URL(url), {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  return { keys, issuer, audience, algorithms: ALGORITHMS };
}

function callerOf(payload: JWTPayload, roleClaim: string): Caller {
  const { sub: id = '', exp = 0 } = payload;
  const role = ROLES.find((one): one is Role => one === payload[roleClaim]);
  if (id === '') throw unauthenticatedError('The token names no user (sub).');
  if (!role) throw unauthenticatedError(`The token's claim ${roleClaim} must be one of ${ROLES.join(', ')}.`);
  return { id, role, expiresAt: exp * 1_000 };
}

/** What is wrong with the token itself is told; that the issuer's keys cannot be had is ours. */
function asRefusal(error: unknown, logger: Logger): ExpectedError {
  if (error instanceof ExpectedError) return error;
  if (error instanceof errors.JWTExpired) return unauthenticatedError('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticatedError(`The token is not meant for this server, or not yet: ${error.claim}.`);
  }
  const isToken =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  if (isToken) return unauthenticatedError('The token cannot be trusted.');
  logger.error({ error: errorMessage(error) }, 'the keys that tokens are checked with cannot be had');
  return new ExpectedError('IDENTITY_UNAVAILABLE', 'Tokens cannot be checked now; try again in a moment.');
}
