import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMBEDDED_ISSUER_NAME, issueEmbeddedToken } from './embedded-issuer.js';
import { StartError } from './errors.js';
import { eventually, recordLogs, temporaryFolder } from './testing/index.js';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.js';

const ISSUER = 'https://id.example.com';
const AUDIENCE = 'doors';
const UNAUTHENTICATED = { extensions: { code: 'UNAUTHENTICATED' } };
const { logger, lines } = recordLogs();
const folder = temporaryFolder();
afterAll(() => folder.remove());
const nowSeconds = () => Math.floor(Date.now() / 1_000);

describe('tokens of the embedded issuer', () => {
  const { verify } = createTokenVerifier({ DATA_DIR: folder.path, AUTH_ROLE_CLAIM: 'role' }, logger);

  it('give the caller’s id, role and expiry', async () => {
    const token = await issueEmbeddedToken(folder.path, { id: 'ana', role: 'customer' }, 60_000);
    const caller = await verify(token);
    expect(caller).toMatchObject({ id: 'ana', role: 'customer' });
    expect(Math.abs(caller.expiresAt - Date.now() - 60_000)).toBeLessThan(5_000);
  });

  it('of a device can be bound to a registered device and to openings', async () => {
    const subject = { id: 'ana', role: 'device', device: 'device-1', openings: ['Front', 'Back'] } as const;
    expect(await verify(await issueEmbeddedToken(folder.path, subject, 60_000))).toMatchObject(subject);
    const customer = await verify(
      await issueEmbeddedToken(folder.path, { ...subject, role: 'customer' }, 60_000),
    );
    expect(customer).toStrictEqual({ id: 'ana', role: 'customer', expiresAt: customer.expiresAt });
  });

  it('can have scopes and policies', async () => {
    const subject = { id: 'ana', role: 'customer', scope: 'read:a  read:b ', policies: 'adult' } as const;
    const token = await issueEmbeddedToken(folder.path, subject, 60_000);
    expect(await verify(token)).toMatchObject({ scopes: ['read:a', 'read:b'], policies: ['adult'] });
    const settings = {
      DATA_DIR: folder.path,
      AUTH_ROLE_CLAIM: 'role',
      AUTH_SCOPE_CLAIM: 'policies',
      AUTH_POLICY_CLAIM: 'openings',
    };
    const other = await createTokenVerifier(settings, logger).verify(token);
    expect(other).toMatchObject({ scopes: ['adult'] });
    expect(other).not.toHaveProperty('policies');
    // Some issuers write a list.
    const device = { id: 'ana', role: 'device', openings: ['p', 'q'] } as const;
    const listed = await issueEmbeddedToken(folder.path, device, 60_000);
    expect(await createTokenVerifier(settings, logger).verify(listed)).toMatchObject({
      policies: ['p', 'q'],
    });
  });

  it.each([[[]], [['']], [Array.from({ length: 101 }, () => 'x')], [['x'.repeat(161)]], ['Front']])(
    'of a device are rejected if its openings are %j',
    async (openings) => {
      const subject = { id: 'ana', role: 'device', openings: openings as string[] } as const;
      await expect(verify(await issueEmbeddedToken(folder.path, subject, 60_000))).rejects.toMatchObject(
        UNAUTHENTICATED,
      );
    },
  );

  it('are rejected if another installation issued them', async () => {
    const other = temporaryFolder();
    const token = await issueEmbeddedToken(other.path, { id: 'ana', role: 'operator' }, 60_000);
    await expect(verify(token)).rejects.toMatchObject(UNAUTHENTICATED);
    other.remove();
  });

  it('are rejected after the installation’s key was deleted', async () => {
    const own = temporaryFolder();
    const { verify, isTrusted } = createTokenVerifier(
      { DATA_DIR: own.path, AUTH_ROLE_CLAIM: 'role' },
      logger,
    );
    const token = await issueEmbeddedToken(own.path, { id: 'ana', role: 'customer' }, 60_000);
    const caller = await verify(token);
    expect(await isTrusted(caller)).toBe(true);
    rmSync(join(own.path, 'issuer-key.pem'));
    expect(await isTrusted(caller)).toBe(false);
    await expect(verify(token)).rejects.toMatchObject(UNAUTHENTICATED);
    own.remove();
  });

  it('are accepted by all machines with the same INSTALLATION_SECRET', async () => {
    const machines = [temporaryFolder(), temporaryFolder()] as const;
    const secret = 'a secret of one installation, long enough';
    const subject = { id: 'ana', role: 'customer' } as const;
    const token = await issueEmbeddedToken(machines[0].path, subject, 60_000, secret);
    const verifyWith = (INSTALLATION_SECRET: string) =>
      createTokenVerifier(
        { DATA_DIR: machines[1].path, AUTH_ROLE_CLAIM: 'role', INSTALLATION_SECRET },
        logger,
      ).verify(token);
    expect(await verifyWith(secret)).toMatchObject(subject);
    rmSync(join(machines[1].path, 'issuer-key.pem'));
    await expect(verifyWith(`another ${secret}`)).rejects.toMatchObject(UNAUTHENTICATED);
    for (const machine of machines) machine.remove();
  });

  it('stay valid for a clock tolerance of five seconds and no longer', async () => {
    const ana = { id: 'ana', role: 'customer' } as const;
    await verify(await issueEmbeddedToken(folder.path, ana, -2_000));
    await expect(verify(await issueEmbeddedToken(folder.path, ana, -7_000))).rejects.toMatchObject({
      ...UNAUTHENTICATED,
      message: 'The token has expired.',
    });
  });

  it.each(['', 'abc', 'a.b.c', `${'x'.repeat(9_000)}.y.z`])('are rejected if malformed: %j', async (text) => {
    await expect(verify(text)).rejects.toMatchObject(UNAUTHENTICATED);
  });
});

describe('tokens of an OIDC issuer', () => {
  type Key = Awaited<ReturnType<typeof generateKeyPair>>;
  const published = new Map<string, Key>();
  let isAway = false;
  let verify: TokenVerifier['verify'];
  let isTrusted: TokenVerifier['isTrusted'];
  let url: string;
  const server = createServer((_request, response) => {
    if (isAway) return void response.writeHead(503).end();
    void Promise.all(
      [...published].map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid })),
    ).then((keys) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys })));
  });
  const settings = () => ({
    DATA_DIR: folder.path,
    AUTH_JWKS_URL: url,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_ROLE_CLAIM: 'https://doors.example.com/role',
  });

  const claims = (more: JWTPayload = {}): JWTPayload => ({
    sub: 'ana',
    iss: ISSUER,
    aud: AUDIENCE,
    exp: nowSeconds() + 60,
    'https://doors.example.com/role': 'customer',
    ...more,
  });
  const without = (claim: string): JWTPayload =>
    Object.fromEntries(Object.entries(claims()).filter(([name]) => name !== claim));
  const sign = async (kid: string, payload: JWTPayload = claims(), key = published.get(kid)) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(key!.privateKey);

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    published.set('one', await generateKeyPair('RS256'));
    ({ verify, isTrusted } = createTokenVerifier(settings(), logger));
  });
  afterAll(() => void server.close());

  it('give the caller by the configured role claim', async () => {
    expect(await verify(await sign('one'))).toMatchObject({ id: 'ana', role: 'customer' });
  });

  it.each<[string, () => Promise<string>]>([
    ['another key under a known id', async () => sign('one', claims(), await generateKeyPair('RS256'))],
    ['an unknown key', async () => sign('none', claims(), await generateKeyPair('RS256'))],
    ['no signature', () => Promise.resolve(new UnsecuredJWT(claims()).encode())],
    [
      'the public key used as a shared secret',
      async () => {
        const jwk = await exportJWK(published.get('one')!.publicKey);
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(new TextEncoder().encode(JSON.stringify(jwk)));
      },
    ],
    ['another audience', () => sign('one', claims({ aud: 'windows' }))],
    ['another issuer', () => sign('one', claims({ iss: EMBEDDED_ISSUER_NAME }))],
    ['an expiry in the past', () => sign('one', claims({ exp: nowSeconds() - 60 }))],
    ['a start in the future', () => sign('one', claims({ nbf: nowSeconds() + 60 }))],
    ['no expiry', () => sign('one', without('exp'))],
    ['a subject with more than 128 characters', () => sign('one', claims({ sub: 'a'.repeat(129) }))],
    ['an empty subject', () => sign('one', claims({ sub: '' }))],
    ['an unknown role', () => sign('one', claims({ 'https://doors.example.com/role': 'owner' }))],
    ['no role', () => sign('one', { ...without('https://doors.example.com/role'), role: 'operator' })],
    [
      'a token of the embedded issuer',
      () => issueEmbeddedToken(folder.path, { id: 'a', role: 'operator' }, 9_000),
    ],
  ])('are rejected with %s', async (_, token) => {
    await expect(verify(await token())).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('are accepted with a newly published key and rejected with a revoked one', async () => {
    const before = await verify(await sign('one'));
    expect(await isTrusted(before)).toBe(true);
    published.set('two', await generateKeyPair('RS256'));
    published.delete('one');
    const token = await sign('two');
    const caller = await eventually(() => verify(token));
    expect(caller).toMatchObject({ id: 'ana' });
    expect([await isTrusted(caller), await isTrusted(before)]).toStrictEqual([true, false]);
  });

  it('fail with IDENTITY_UNAVAILABLE while the issuer’s keys cannot be fetched', async () => {
    isAway = true;
    const { verify: fresh } = createTokenVerifier(settings(), logger);
    await expect(fresh(await sign('two'))).rejects.toMatchObject({
      extensions: { code: 'IDENTITY_UNAVAILABLE' },
    });
    expect(lines.at(-1)).toMatchObject({ level: 'error' });
    isAway = false;
    await eventually(async () => fresh(await sign('two')));
  });

  it('require all three settings', () => {
    const part = { DATA_DIR: folder.path, AUTH_ISSUER: ISSUER, AUTH_ROLE_CLAIM: 'role' };
    expect(() => createTokenVerifier(part, logger)).toThrow(StartError);
  });
});
