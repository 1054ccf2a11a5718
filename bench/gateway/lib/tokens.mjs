import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

export const ISSUER = 'http://bench.test/';
export const AUDIENCE = 'bench';
const COUNT = 500;
const VALID_S = 24 * 3_600;

/** @param {object} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Callers, each with a token of its own, and where the key is published that they are signed with. A gateway that does not
 * ask who calls passes them on.
 * @param {number} port
 */
export async function createTokens(port) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const header = encode({ alg: 'RS256', typ: 'JWT', kid: 'bench' });
  const now = Math.floor(Date.now() / 1_000);
  const tokens = Array.from({ length: COUNT }, (_, index) => {
    const claims = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `caller-${index}`,
      role: 'operator',
      iat: now,
      exp: now + VALID_S,
    };
    const signed = `${header}.${encode(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  });
  const keys = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }],
  });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(keys);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  return {
    jwksUrl: `http://127.0.0.1:${port}/`,
    /** @param {number} n */
    authorization: (n) => `Bearer ${tokens[n % COUNT] ?? ''}`,
    close: () => server.close(),
  };
}
