import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { createUnauthenticatedError } from './errors.js';
import { CLOCK_TOLERANCE_SECONDS } from './token-verifier.js';

/** A signed request whose signature the gateway has verified. */
export interface VerifiedDeviceRequest {
  /** The id of the device whose key made the signature. The device may be unknown or revoked: monitoring decides that. */
  readonly deviceId: string;
  /** The time that the device signed, in seconds since 1970. */
  readonly signedAt: number;
  /** The SHA-256 of the request's body, in base64url. */
  readonly bodyHash: string;
}

/**
 * Device keys and assertions. Both are derived from the installation secret, so the database alone cannot forge one. A
 * key needs only the id of its device, so the gateway verifies signatures without a database.
 */
export interface DeviceIdentity {
  /** The key of a device, as text. Its UTF-8 bytes are the key of the HMAC. */
  deriveKey(deviceId: string): string;
  /**
   * Whether a device signed a body: HMAC-SHA256 over `<time>.<body>`. The comparison takes constant time, and a device that
   * does not exist takes the same time as one that does.
   */
  isSignedBy(deviceId: string, signedAt: number, body: Uint8Array, signature: Uint8Array): boolean;
  /**
   * Creates the value of the `Authorization` header with which the gateway tells monitoring that it has verified a
   * signature. It is valid for ten seconds.
   */
  issueAssertion(request: VerifiedDeviceRequest): Promise<string>;
  /** @throws ExpectedError UNAUTHENTICATED if the gateway of this installation did not just create the assertion */
  verifyAssertion(authorization: string): Promise<VerifiedDeviceRequest>;
}

/** The authentication scheme of assertions. Processes that only know `Bearer` reject it. */
const ASSERTION_SCHEME = 'Device ';
const ASSERTION_ALGORITHM = 'HS256';
const ASSERTION_ISSUER = 'gateway';
const ASSERTION_AUDIENCE = 'monitoring';
const ASSERTION_LIFETIME_SECONDS = 10;

/** Tells people and secret scanners what the text is. The digit is the version of the derivation. */
const KEY_PREFIX = 'abcdk1_';
const KEY_BYTES = 32;

const assertionClaimsSchema = z.object({
  sub: z.string().min(1),
  signedAt: z.int().nonnegative(),
  bodyHash: z.string().min(1),
});

/** Whether the value of an `Authorization` header is an assertion of the gateway about a signed request. */
export const isDeviceAssertion = (authorization: unknown): authorization is string =>
  typeof authorization === 'string' && authorization.startsWith(ASSERTION_SCHEME);

/** @param readSecret returns the installation secret; called once, when it is needed first */
export function createDeviceIdentity(readSecret: () => string): DeviceIdentity {
  let secret: string | undefined;
  let assertionKey: Buffer | undefined;
  // Each purpose has its own key: a device key cannot sign assertions.
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', (secret ??= readSecret()), '', `seguridad-abc ${purpose}`, KEY_BYTES));
  const getAssertionKey = () => (assertionKey ??= derive('device assertions v1'));
  const deriveKey = (deviceId: string) =>
    KEY_PREFIX + derive(`device key v1 ${deviceId}`).toString('base64url');

  return {
    deriveKey,
    isSignedBy(deviceId, signedAt, body, signature) {
      const expected = createHmac('sha256', deriveKey(deviceId)).update(`${signedAt}.`).update(body).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    },
    async issueAssertion({ deviceId, signedAt, bodyHash }) {
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const token = await new SignJWT({ signedAt, bodyHash })
        .setProtectedHeader({ alg: ASSERTION_ALGORITHM })
        .setIssuer(ASSERTION_ISSUER)
        .setAudience(ASSERTION_AUDIENCE)
        .setSubject(deviceId)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + ASSERTION_LIFETIME_SECONDS)
        .sign(getAssertionKey());
      return ASSERTION_SCHEME + token;
    },
    async verifyAssertion(authorization) {
      try {
        const { payload } = await jwtVerify(authorization.slice(ASSERTION_SCHEME.length), getAssertionKey(), {
          algorithms: [ASSERTION_ALGORITHM],
          issuer: ASSERTION_ISSUER,
          audience: ASSERTION_AUDIENCE,
          requiredClaims: ['exp'],
          maxTokenAge: ASSERTION_LIFETIME_SECONDS,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        });
        const { sub, signedAt, bodyHash } = assertionClaimsSchema.parse(payload);
        return { deviceId: sub, signedAt, bodyHash };
      } catch {
        throw createUnauthenticatedError(
          'The assertion about a signed request is not valid. Send the request again, to the gateway.',
        );
      }
    },
  };
}
