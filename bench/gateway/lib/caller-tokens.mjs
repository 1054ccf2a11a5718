import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

export const ISSUER = 'http://bench.test/';
export const AUDIENCE = 'bench';
const CALLER_COUNT = 500;
const LIFETIME_SECONDS = 24 * 3_600;

/** @param {object} value */
const encodeBase64Url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Creates 500 callers with a signed token each, and serves the public key as a JWKS. Gateways without authentication only
 * pass the tokens on to subgraphs.
 * @param {number} port of the JWKS endpoint
 */
export async function createCallerTokens(port) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const header = encodeBase64Url({ alg: 'RS256', typ: 'JWT', kid: 'bench' });
  const now = Math.floor(Date.now() / 1_000);
  const tokens = Array.from({ length: CALLER_COUNT }, (_, index) => {
    const claims = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `caller-${index}`,
      role: 'operator',
      iat: now,
      exp: now + LIFETIME_SECONDS,
    };
    const content = `${header}.${encodeBase64Url(claims)}`;
    return `${content}.${createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url')}`;
  });
  const jwks = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }],
  });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(jwks);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  return {
    jwksUrl: `http://127.0.0.1:${port}/`,
    /** The authorization header of the n-th request. @param {number} n */
    getAuthorization: (n) => `Bearer ${tokens[n % CALLER_COUNT] ?? ''}`,
    close: () => server.close(),
  };
}
