import {
  MAX_OPENINGS_PER_DEVICE,
  MAX_USER_ID_LENGTH,
  ROLES,
  type Actor,
  type Role,
} from '@seguridad-abc/contracts';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import {
  EMBEDDED_ISSUER_ALGORITHM,
  EMBEDDED_ISSUER_NAME,
  createEmbeddedIssuerKeyResolver,
} from './embedded-issuer.js';
import { createUnauthenticatedError, ExpectedError, getErrorMessage, StartError } from './errors.js';
import type { Logger } from './logger.js';
import type { CommonSettings } from './settings.js';

/** A token is valid this much longer than it says, since clocks differ. */
export const CLOCK_TOLERANCE_SECONDS = 5;
/** Asymmetric algorithms only: a process that verifies tokens must not be able to issue them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Larger than any name of an opening: 80 characters, each of one or two UTF-16 units. */
const MAX_OPENING_UNITS = 160;
/** Minimum time between two fetches of the issuer's keys because of an unknown key id. */
const JWKS_COOLDOWN_MS = 2_000;
/** A key that the issuer has revoked is rejected after this time. */
const JWKS_MAX_AGE_MS = 300_000; // 5 minutes
const JWKS_TIMEOUT_MS = 5_000;

/** The sender of a request, as its verified token identifies it. */
export interface Caller extends Actor {
  /** The openings to which the token of a device is bound, if it is. */
  readonly openings?: readonly string[] | undefined;
  /** When the token expires, in ms since 1970. Infinity without a token. */
  readonly expiresAt: number;
  /** The claim AUTH_TIER_CLAIM, if it is a text of at most 128 characters. It can change the caller's rate limit. */
  readonly tier?: string | undefined;
  /** The scopes in the claim AUTH_SCOPE_CLAIM. Absent if there are none. */
  readonly scopes?: readonly string[] | undefined;
  /** The policies in the claim AUTH_POLICY_CLAIM. Absent if there are none. */
  readonly policies?: readonly string[] | undefined;
}

/** Verifies tokens of one issuer. */
export interface TokenVerifier {
  /**
   * Verifies a token's signature and claims.
   * @throws ExpectedError UNAUTHENTICATED, or IDENTITY_UNAVAILABLE if the issuer's keys cannot be fetched
   */
  readonly verify: (token: string) => Promise<Caller>;
  /** Whether the issuer still publishes the key that signed the caller's token. Much cheaper than `verify`. */
  readonly isTrusted: (caller: Caller) => Promise<boolean>;
}

type TokenSettings = Pick<
  CommonSettings,
  'AUTH_JWKS_URL' | 'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_ROLE_CLAIM' | 'DATA_DIR'
> &
  Partial<
    Pick<CommonSettings, 'AUTH_TIER_CLAIM' | 'AUTH_SCOPE_CLAIM' | 'AUTH_POLICY_CLAIM' | 'INSTALLATION_SECRET'>
  >;

/**
 * Creates a verifier for tokens of the configured OIDC issuer or, without one, of this installation itself.
 * Tokens follow [RFC 7519](https://www.rfc-editor.org/rfc/rfc7519); `sub`, `exp` and the role claim are required.
 * @throws StartError if only some settings of the OIDC issuer are set
 */
export function createTokenVerifier(settings: TokenSettings, logger: Logger): TokenVerifier {
  const { getKey, ...expectedClaims } = resolveTrustedIssuer(settings);
  const options = {
    ...expectedClaims,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['sub', 'exp'],
  };
  const trustChecks = new WeakMap<Caller, () => Promise<boolean>>();
  return {
    async verify(token) {
      try {
        let key: unknown;
        const getAndKeepKey: JWTVerifyGetKey = async (header, jws) => (key = await getKey(header, jws));
        const { payload, protectedHeader } = await jwtVerify(token, getAndKeepKey, options);
        const caller = toCaller(payload, settings);
        // A refetched key is a new object, so after a refetch each token is verified once more.
        trustChecks.set(caller, async () => (await getKey(protectedHeader, NO_JWS)) === key);
        return caller;
      } catch (error) {
        throw toExpectedError(error, logger);
      }
    },
    async isTrusted(caller) {
      try {
        return (await trustChecks.get(caller)?.()) === true;
      } catch {
        return false;
      }
    },
  };
}

/** jose finds a key by the token's header alone. */
const NO_JWS = { payload: '', signature: '' };

interface TrustedIssuer {
  readonly getKey: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: string[];
}

function resolveTrustedIssuer({
  DATA_DIR,
  INSTALLATION_SECRET,
  AUTH_JWKS_URL: url,
  AUTH_ISSUER: issuer,
  AUTH_AUDIENCE: audience,
}: TokenSettings): TrustedIssuer {
  if (url === undefined && issuer === undefined && audience === undefined) {
    return {
      getKey: createEmbeddedIssuerKeyResolver(DATA_DIR, INSTALLATION_SECRET),
      issuer: EMBEDDED_ISSUER_NAME,
      audience: EMBEDDED_ISSUER_NAME,
      algorithms: [EMBEDDED_ISSUER_ALGORITHM],
    };
  }
  if (url === undefined || issuer === undefined || audience === undefined) {
    throw new StartError(
      'The OIDC issuer is configured only in part. Set AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE together, or none of them.',
    );
  }
  const getKey = createRemoteJWKSet(new URL(url), {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  return { getKey, issuer, audience, algorithms: ALGORITHMS };
}

function toCaller(
  payload: JWTPayload,
  {
    AUTH_ROLE_CLAIM: roleClaim,
    AUTH_TIER_CLAIM: tierClaim = 'tier',
    AUTH_SCOPE_CLAIM: scopeClaim = 'scope',
    AUTH_POLICY_CLAIM: policyClaim = 'policies',
  }: TokenSettings,
): Caller {
  const { sub: id = '', exp = 0 } = payload;
  const role = ROLES.find((one): one is Role => one === payload[roleClaim]);
  if (id === '')
    throw createUnauthenticatedError('The token has no user id (claim `sub`). Request another token.');
  if (isTooLongUserId(id)) {
    throw createUnauthenticatedError(
      `The token's user id (claim \`sub\`) has more than ${MAX_USER_ID_LENGTH} characters. Request another token.`,
    );
  }
  if (!role) {
    throw createUnauthenticatedError(
      `The token has no valid role. Request a token whose claim \`${roleClaim}\` is one of ${ROLES.join(', ')}.`,
    );
  }
  const tier = payload[tierClaim];
  const hasTier = typeof tier === 'string' && tier.length <= MAX_TIER_LENGTH;
  const scopes = readNames(payload[scopeClaim]);
  const policies = readNames(payload[policyClaim]);
  return {
    id,
    role,
    expiresAt: exp * 1_000,
    ...(hasTier && { tier }),
    ...(scopes.length > 0 && { scopes }),
    ...(policies.length > 0 && { policies }),
    ...(role === 'device' && readDeviceClaims(payload)),
  };
}

/**
 * Reads a claim that contains names: a text with spaces between (https://www.rfc-editor.org/rfc/rfc6749#section-3.3), or a list of
 * texts, as some issuers write it. Anything else contains none.
 */
function readNames(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((name) => name !== '');
  const names: readonly unknown[] = Array.isArray(claim) ? claim : [];
  return names.filter((name): name is string => typeof name === 'string' && name !== '');
}

/** The claims of a device's token that bind it to a registered device, or to openings. */
const deviceClaimsSchema = z.object({
  device: z.string().min(1).max(MAX_USER_ID_LENGTH).optional(),
  openings: z.array(z.string().min(1).max(MAX_OPENING_UNITS)).min(1).max(MAX_OPENINGS_PER_DEVICE).optional(),
});

/** A claim that cannot be read must not make a token of one opening a token of all openings. */
function readDeviceClaims({ device, openings }: JWTPayload): z.infer<typeof deviceClaimsSchema> {
  const claims = deviceClaimsSchema.safeParse({ device, openings });
  if (claims.success) return claims.data;
  throw createUnauthenticatedError(
    'The claims `device` (an id) or `openings` (a list of ' +
      `1 to ${MAX_OPENINGS_PER_DEVICE} names) of the token are not valid. Request another token.`,
  );
}

const MAX_TIER_LENGTH = 128;

/** A character has one or two UTF-16 units. */
const isTooLongUserId = (id: string): boolean =>
  id.length > 2 * MAX_USER_ID_LENGTH || Array.from(id).length > MAX_USER_ID_LENGTH;

/** The caller learns what is wrong with the token. If the keys cannot be fetched, the token is not at fault. */
function toExpectedError(error: unknown, logger: Logger): ExpectedError {
  if (error instanceof ExpectedError) return error;
  if (error instanceof errors.JWTExpired) return createUnauthenticatedError('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return createUnauthenticatedError(
      `The token is not valid here, or not yet: see its claim \`${error.claim}\`. Request another token.`,
    );
  }
  const isTokenAtFault =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  if (isTokenAtFault) {
    return createUnauthenticatedError(
      'The token is malformed or not signed by the trusted issuer. Request another token.',
    );
  }
  logger.error(
    { error: getErrorMessage(error) },
    'the keys that verify tokens cannot be fetched; check AUTH_JWKS_URL',
  );
  return new ExpectedError('IDENTITY_UNAVAILABLE', 'Tokens cannot be verified at the moment. Retry later.');
}
