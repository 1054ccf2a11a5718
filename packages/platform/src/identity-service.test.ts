import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { issueEmbeddedToken } from './embedded-issuer.js';
import { StartError } from './errors.js';
import { createIdentityService, createVerifiedTokenCache, parseBearerToken } from './identity-service.js';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from './installation-secret.js';
import { recordLogs, temporaryFolder } from './testing/index.js';
import type { Caller } from './token-verifier.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const { logger, lines } = recordLogs();
const settings = (more = {}) => ({
  AUTH: 'required' as const,
  AUTH_ROLE_CLAIM: 'role',
  PUBLIC_STATUS: false,
  DATA_DIR: folder.path,
  HOST: '127.0.0.1',
  ...more,
});

describe('the installation secret', () => {
  it('is generated once, readable by its owner only, and shared by all processes', () => {
    const one = createIdentityService(settings(), logger);
    const other = createIdentityService(settings(), logger);
    expect(one.isFromInstallation(other.installationHeaders)).toBe(true);
    expect(statSync(join(folder.path, 'installation-secret')).mode & 0o077).toBe(0);
  });

  it('differs from every other value', () => {
    const identity = createIdentityService(settings(), logger);
    const secret = readInstallationSecret(folder.path, undefined);
    for (const received of [undefined, '', 'x', secret.slice(1), `${secret} `, [secret]]) {
      const headers = { [INSTALLATION_SECRET_HEADER]: received };
      expect(identity.isFromInstallation(headers)).toBe(false);
      expect(() => identity.assertFromInstallation(headers)).toThrow('Send the request to the gateway');
    }
  });

  it('can be configured for processes that share no data folder', () => {
    const configured = { INSTALLATION_SECRET: 's'.repeat(32) };
    const identity = createIdentityService(settings(configured), logger);
    expect(identity.installationHeaders).toStrictEqual({ [INSTALLATION_SECRET_HEADER]: 's'.repeat(32) });
  });
});

describe('AUTH=off', () => {
  it('makes every caller an operator and logs a warning', async () => {
    const identity = createIdentityService(settings({ AUTH: 'off' }), logger);
    expect(await identity.authenticate(undefined)).toMatchObject({ role: 'operator' });
    expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: expect.stringContaining('AUTH=off') as string });
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com'])(
    'is rejected if other machines can reach it: HOST=%s',
    (HOST) => {
      expect(() => createIdentityService(settings({ AUTH: 'off', HOST }), logger)).toThrow(StartError);
    },
  );
});

describe('parseBearerToken', () => {
  it.each(['Bearer abc.d-e_f', 'bearer abc.d-e_f', 'Bearer  abc.d-e_f '])('finds the token in %j', (text) => {
    expect(parseBearerToken(text)).toBe('abc.d-e_f');
  });

  it.each([undefined, null, '', ' '])('reports that %j is no token', (text) => {
    expect(() => parseBearerToken(text)).toThrow('The request has no token.');
  });

  it.each(['abc', 'Basic abc', 'Bearer', 'Bearer a b', 7, {}, ['Bearer a'], [['Bearer a']]])(
    'rejects %j as malformed',
    (value) => {
      expect(() => parseBearerToken(value)).toThrow('The Authorization header is malformed.');
    },
  );

  it('rejects a token of more than 8 KiB', () => {
    const longest = 'a'.repeat(8_192);
    expect(parseBearerToken(`Bearer ${longest}`)).toBe(longest);
    expect(() => parseBearerToken(`Bearer ${longest}a`)).toThrow('The token is longer than 8 KiB.');
  });
});

const MINUTE_MS = 60_000;

function createTestTokenCache(expiresAt = Infinity) {
  let now = 1_000_000;
  let checks = 0;
  let isTrusted = true;
  const { authenticate: verify } = createVerifiedTokenCache(
    (token) => {
      checks += 1;
      if (token === 'bad') return Promise.reject(new Error('bad'));
      return Promise.resolve<Caller>({ id: token, role: 'customer', expiresAt });
    },
    () => Promise.resolve(isTrusted),
    () => now,
  );
  return {
    verify,
    checks: () => checks,
    advance: (ms: number) => void (now += ms),
    distrust: () => void (isTrusted = false),
  };
}

describe('the cache of verified tokens', () => {
  it('verifies a token once, and again after a minute if its key is no longer trusted', async () => {
    const { verify, checks, advance, distrust } = createTestTokenCache();
    expect(await verify('ana')).toBe(await verify('ana'));
    expect((await verify('ben')).id).toBe('ben');
    expect(checks()).toBe(2);
    advance(MINUTE_MS);
    await verify('ana');
    expect(checks()).toBe(2);
    distrust();
    advance(MINUTE_MS - 1);
    await verify('ana');
    expect(checks()).toBe(2);
    advance(1);
    await verify('ana');
    expect(checks()).toBe(3);
  });

  it('verifies a token again after it expired, and after the clock was set back', async () => {
    const { verify, checks, advance } = createTestTokenCache(1_010_000);
    await verify('ana');
    advance(10_000 + 5_000);
    await verify('ana');
    expect(checks()).toBe(2);
    advance(-40_000);
    await verify('ana');
    expect(checks()).toBe(3);
  });

  it('does not cache failures', async () => {
    const { verify, checks } = createTestTokenCache();
    for (let times = 0; times < 2; times++) await expect(verify('bad')).rejects.toThrow('bad');
    expect(checks()).toBe(2);
  });

  it.each([
    { length: 500, cached: 10_485 },
    { length: 8_192, cached: 987 },
  ])('holds $cached tokens of $length characters, and evicts the least recently used', async (example) => {
    const { verify, checks } = createTestTokenCache();
    const getToken = (index: number) => String(index).padEnd(example.length, '.');
    for (let index = 0; index < example.cached; index++) await verify(getToken(index));
    await verify(getToken(0));
    expect(checks()).toBe(example.cached);
    for (let index = 0; index < example.cached; index++) await verify(`other ${getToken(index)}`);
    await verify(getToken(0));
    expect(checks()).toBe(2 * example.cached + 1);
  });

  it('has one entry for 10,000 spellings of one token', async () => {
    const { authenticate } = createIdentityService(settings(), logger);
    const token = await issueEmbeddedToken(folder.path, { id: 'ana', role: 'customer' }, MINUTE_MS);
    const caller = await authenticate(`Bearer ${token}`);
    for (let spaces = 1; spaces <= 10_000; spaces++) {
      // A cached caller is returned without a promise.
      expect(authenticate(`bearer${' '.repeat(spaces)}${token} `)).toBe(caller);
    }
  });
});
