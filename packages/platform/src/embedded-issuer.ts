import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import type { Actor } from '@seguridad-abc/contracts';
import { calculateJwkThumbprint, SignJWT, type JWTVerifyGetKey } from 'jose';
import { StartError } from './errors.js';
import { readOrCreateSecretFile } from './installation-secret.js';

/** The claims `iss` and `aud` of tokens that an installation issues itself. */
export const EMBEDDED_ISSUER_NAME = 'seguridad-abc';
/** Ed25519 makes short tokens and has no parameters to misconfigure. */
export const EMBEDDED_ISSUER_ALGORITHM = 'EdDSA';
const KEY_FILE = 'issuer-key.pem';

interface IssuerKey {
  readonly pem: string;
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The private key of Ed25519 in PKCS #8 is this prefix and 32 bytes: https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_KEY_BYTES = 32;
/** Separates this use of the installation secret from others. */
const DERIVATION_PURPOSE = 'seguridad-abc issuer key';

/** All machines with the same installation secret derive the same key. */
function createIssuerKey(installationSecret: string | undefined): KeyObject {
  if (installationSecret === undefined) return generateKeyPairSync('ed25519').privateKey;
  const bytes = hkdfSync('sha256', installationSecret, '', DERIVATION_PURPOSE, ED25519_KEY_BYTES);
  const key = Buffer.concat([ED25519_PREFIX, Buffer.from(bytes)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/**
 * Loads the installation's key pair. The first process creates it.
 * @param installationSecret the setting INSTALLATION_SECRET, from which a new key is derived; undefined: it is random
 * @param cachedKey returned unchanged while the file has the same content
 */
async function loadIssuerKey(
  dataFolder: string,
  installationSecret: string | undefined,
  cachedKey?: IssuerKey,
): Promise<IssuerKey> {
  const file = join(dataFolder, KEY_FILE);
  const pem = readOrCreateSecretFile(file, () =>
    createIssuerKey(installationSecret).export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  if (cachedKey?.pem === pem) return cachedKey;
  try {
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey);
    const id = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
    return { pem, id, privateKey, publicKey };
  } catch {
    throw new StartError(
      `${file} does not contain a private key in PEM format. Restore it, or delete it to generate a new one.`,
    );
  }
}

/** Whom a token identifies. A device's token can be bound to a registered device, or to openings of its user. */
export interface TokenSubject extends Actor {
  /** The openings for which a device may record readings. @default all */
  readonly openings?: readonly string[] | undefined;
  /** The claim `scope`: scopes with spaces between. @default none */
  readonly scope?: string | undefined;
  /** The claim `policies`: policies with spaces between. @default none */
  readonly policies?: string | undefined;
}

/**
 * Issues a token for a user of this installation, signed with the key in the data folder.
 * @param lifetimeMs time until the token expires, in milliseconds
 * @param installationSecret the setting INSTALLATION_SECRET
 * @throws StartError if the key can be neither read nor created
 */
export async function issueEmbeddedToken(
  dataFolder: string,
  { id, role, device, openings, scope, policies }: TokenSubject,
  lifetimeMs: number,
  installationSecret?: string,
): Promise<string> {
  const key = await loadIssuerKey(dataFolder, installationSecret);
  const nowSeconds = Math.floor(Date.now() / 1_000);
  return new SignJWT({
    role,
    ...(device !== undefined && { device }),
    ...(openings && { openings }),
    ...(scope !== undefined && { scope }),
    ...(policies !== undefined && { policies }),
  })
    .setProtectedHeader({ alg: EMBEDDED_ISSUER_ALGORITHM, kid: key.id, typ: 'JWT' })
    .setIssuer(EMBEDDED_ISSUER_NAME)
    .setAudience(EMBEDDED_ISSUER_NAME)
    .setSubject(id)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + Math.ceil(lifetimeMs / 1_000))
    .sign(key.privateKey);
}

/**
 * Creates the function that gives jose the public key. It reads the file at each call, so a new key takes effect.
 * @param installationSecret the setting INSTALLATION_SECRET
 */
export function createEmbeddedIssuerKeyResolver(
  dataFolder: string,
  installationSecret: string | undefined,
): JWTVerifyGetKey {
  let cachedKey: IssuerKey | undefined;
  return async () => {
    cachedKey = await loadIssuerKey(dataFolder, installationSecret, cachedKey);
    return cachedKey.publicKey;
  };
}
