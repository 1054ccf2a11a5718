import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { existsSync } from 'node:fs';
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

/** What the key that signs tokens depends on. */
export interface EmbeddedIssuerSettings {
  readonly DATA_DIR: string;
  readonly INSTALLATION_SECRET?: string | undefined;
}

/** An Ed25519 private key in PKCS #8 is this text and 32 bytes: https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const PRIVATE_KEY_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** Derives the key pair that all machines with the same secret have, as a private key in PEM format. */
function deriveKey(installationSecret: string): string {
  const seed = hkdfSync('sha256', installationSecret, '', 'seguridad-abc issuer key', KEY_BYTES);
  const key = Buffer.concat([PRIVATE_KEY_PREFIX, Buffer.from(seed)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** The last derived key: a process has one secret. */
let derived: { readonly secret: string; readonly pem: string } | undefined;

/** Reads the key in the data folder. Without one it is derived from the configured secret, or else the first process generates it. */
function readKey({ DATA_DIR, INSTALLATION_SECRET: secret }: EmbeddedIssuerSettings): string {
  const file = join(DATA_DIR, KEY_FILE);
  if (secret !== undefined && !existsSync(file)) {
    if (derived?.secret !== secret) derived = { secret, pem: deriveKey(secret) };
    return derived.pem;
  }
  return readOrCreateSecretFile(file, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
}

/**
 * Loads the installation's key pair.
 * @param cachedKey returned unchanged while it is the same key
 */
async function loadIssuerKey(settings: EmbeddedIssuerSettings, cachedKey?: IssuerKey): Promise<IssuerKey> {
  const pem = readKey(settings);
  if (cachedKey?.pem === pem) return cachedKey;
  try {
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey);
    const id = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
    return { pem, id, privateKey, publicKey };
  } catch {
    throw new StartError(
      `${join(settings.DATA_DIR, KEY_FILE)} does not contain a private key in PEM format. Restore it, or delete it to generate a new one.`,
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
 * Issues a token for a user of this installation, signed with the key in the data folder, or with the one of the installation secret.
 * @param settings a data folder alone: the configured secret is not known
 * @param lifetimeMs time until the token expires, in milliseconds
 * @throws StartError if the key can be neither read nor created
 */
export async function issueEmbeddedToken(
  settings: EmbeddedIssuerSettings | string,
  { id, role, device, openings, scope, policies }: TokenSubject,
  lifetimeMs: number,
): Promise<string> {
  const key = await loadIssuerKey(typeof settings === 'string' ? { DATA_DIR: settings } : settings);
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

/** Creates the function that gives jose the public key. It reads the file at each call, so a new key takes effect. */
export function createEmbeddedIssuerKeyResolver(settings: EmbeddedIssuerSettings): JWTVerifyGetKey {
  let cachedKey: IssuerKey | undefined;
  return async () => {
    cachedKey = await loadIssuerKey(settings, cachedKey);
    return cachedKey.publicKey;
  };
}
