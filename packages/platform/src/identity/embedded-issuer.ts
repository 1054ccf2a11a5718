import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Actor } from '@seguridad-abc/contracts';
import { calculateJwkThumbprint, SignJWT, type JWTVerifyGetKey } from 'jose';
import { StartError } from '../errors.js';
import { readOrCreateSecret } from './secret-file.js';

/** `iss` and `aud` of the tokens that an installation issues to itself. */
export const EMBEDDED_ISSUER = 'seguridad-abc';
/** Ed25519: short tokens, and no parameter to get wrong. */
export const EMBEDDED_ALGORITHM = 'EdDSA';
const FILE = 'issuer-key.pem';

interface IssuerKey {
  readonly pem: string;
  readonly id: string;
  readonly private: KeyObject;
  readonly public: KeyObject;
}

/**
 * The installation's own key pair, made at first use.
 * @param known as it was: given back as long as the file holds the same
 */
async function issuerKey(dataDir: string, known?: IssuerKey): Promise<IssuerKey> {
  const file = join(dataDir, FILE);
  const pem = readOrCreateSecret(file, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  if (known?.pem === pem) return known;
  try {
    const key = createPrivateKey(pem);
    const publicKey = createPublicKey(key);
    const id = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
    return { pem, id, private: key, public: publicKey };
  } catch {
    throw new StartError(`${file} holds no private key in PEM.`);
  }
}

/**
 * Issues a token for a user of this installation.
 * @param ttlMs how long it holds
 */
export async function issueEmbeddedToken(
  dataDir: string,
  { id, role }: Actor,
  ttlMs: number,
): Promise<string> {
  const key = await issuerKey(dataDir);
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ role })
    .setProtectedHeader({ alg: EMBEDDED_ALGORITHM, kid: key.id, typ: 'JWT' })
    .setIssuer(EMBEDDED_ISSUER)
    .setAudience(EMBEDDED_ISSUER)
    .setSubject(id)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.ceil(ttlMs / 1_000))
    .sign(key.private);
}

/** Gives the key of tokens, as it is on disk now. */
export function createEmbeddedKeyResolver(dataDir: string): JWTVerifyGetKey {
  let known: IssuerKey | undefined;
  return async () => {
    known = await issuerKey(dataDir, known);
    return known.public;
  };
}
