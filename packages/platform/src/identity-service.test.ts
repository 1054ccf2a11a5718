import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StartError } from './errors.js';
import {
  createIdentityService,
  createVerifiedTokenCache,
  isLoopbackHost,
  parseBearerToken,
} from './identity-service.js';
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

it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
  '%s is a loopback host',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

describe('parseBearerToken', () => {
  it.each(['Bearer abc.d-e_f', 'bearer abc.d-e_f', 'Bearer  abc.d-e_f '])('finds the token in %j', (text) => {
    expect(parseBearerToken(text)).toBe('abc.d-e_f');
  });

  it.each([undefined, null, '', 'abc', 'Basic abc', 'Bearer', 'Bearer a b', 7, {}])('rejects %j', (text) => {
    expect(() => parseBearerToken(text)).toThrow(expect.objectContaining({ name: 'ExpectedError' }) as Error);
  });
});

const MINUTE_MS = 60_000;

function createTestTokenCache(expiresAt = Infinity) {
  let now = 1_000_000;
  let checks = 0;
  let isTrusted = true;
  const verify = createVerifiedTokenCache(
    (token) => {
      checks += 1;
      if (token === 'bad') return Promise.reject(new Error('bad'));
      return Promise.resolve<Caller>({ id: String(token), role: 'customer', expiresAt });
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

  it('does not cache failures, and evicts the oldest of more than 10,000 tokens', async () => {
    const { verify, checks } = createTestTokenCache();
    for (let times = 0; times < 2; times++) await expect(verify('bad')).rejects.toThrow('bad');
    expect(checks()).toBe(2);
    for (let index = 0; index <= 10_000; index++) await verify(`user ${index}`);
    await verify('user 10000');
    expect(checks()).toBe(10_003);
    await verify('user 0');
    expect(checks()).toBe(10_004);
  });
});
