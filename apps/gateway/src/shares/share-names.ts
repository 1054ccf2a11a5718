import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;
/** Part of the HMAC. Two callers have the same name with a probability of 2⁻¹²⁸. */
const NAME_BYTES = 16;
/** The number is the version of the derivation. */
const PURPOSE = 'seguridad-abc names of shares v1';

/**
 * Creates the names of shares in Redis. They are equal at all gateways with the same secret. Redis writes the names of keys to its
 * files, also when a key expires, and no erasure removes them there: a name must not show who the caller is, and someone who knows an
 * id or an address must not find it without the secret.
 * @returns the name of the share of a caller
 */
export function createShareNames(prefix: string, installationSecret: string): (shareKey: string) => string {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', installationSecret, '', PURPOSE, KEY_BYTES)));
  return (shareKey) =>
    prefix +
    createHmac('sha256', key).update(shareKey).digest().subarray(0, NAME_BYTES).toString('base64url');
}
