import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseBearerToken } from './caller.js';
import { StartError } from './errors.js';
import { createIdentityService, isLoopbackHost } from './identity-service.js';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from './installation-secret.js';
import { recordLogs, temporaryFolder } from './testing/index.js';

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
