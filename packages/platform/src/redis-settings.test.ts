import { rootCertificates } from 'node:tls';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createRedisClientOptions,
  describeRedisAddress,
  describeRedisError,
} from './redis-client-options.js';
import { readRedisSettings } from './settings.js';
import { temporaryFolder } from './testing/index.js';

const SENTINELS = 'redis-1:26379, [fd00::2]:26380';

describe('the settings of Redis', () => {
  test('name the Sentinels', () => {
    expect(readRedisSettings({ REDIS_SENTINELS: SENTINELS }).REDIS_SENTINELS).toStrictEqual([
      { host: 'redis-1', port: 26379 },
      { host: 'fd00::2', port: 26380 },
    ]);
  });

  test.each(['redis-1', 'redis-1:0', 'redis-1:70000', 'a:1,', 'redis://a:1', 'fd00::2:26379'])(
    'refuse the Sentinel %s',
    (list) => {
      expect(() => readRedisSettings({ REDIS_SENTINELS: list })).toThrow(
        'REDIS_SENTINELS must be addresses with ports and commas between, like 10.0.0.1:26379,10.0.0.2:26379.',
      );
    },
  );

  test('show no password in a message', () => {
    const read = () =>
      readRedisSettings({
        REDIS_URL: 'redis://me:hunter%2@a',
        REDIS_SENTINELS: 'me:hunter2@a:1',
        REDIS_SENTINEL_PASSWORD: 'hunter2',
        REDIS_PREFIX: 'a b',
      });
    expect(read).toThrow(/REDIS_URL .*encoded: %40 for @.*REDIS_SENTINELS .*REDIS_PREFIX .*\(it is "a b"\)/);
    expect(read).not.toThrow(/hunter/);
  });

  test.each(['shop:', 'eu.shop-1:', 'acme:shop:'])('accept the prefix %s', (prefix) => {
    expect(readRedisSettings({ REDIS_PREFIX: prefix }).REDIS_PREFIX).toBe(prefix);
  });

  test.each(['shop', ':', 'a*:', 'a::', '{a}:', 'á:'])('refuse the prefix %s', (prefix) => {
    expect(() => readRedisSettings({ REDIS_PREFIX: prefix })).toThrow(/REDIS_PREFIX must be a word/);
  });

  const folder = temporaryFolder();
  const caFile = join(folder.path, 'ca.pem');
  writeFileSync(caFile, rootCertificates[0]!);

  test.each([
    [{ REDIS_CA_FILE: caFile }, 'begin it with rediss://'],
    [{ REDIS_CA_FILE: join(folder.path, 'absent') }, 'REDIS_CA_FILE must be a file of certificates'],
    [{ REDIS_URL: 'unix:///tmp/s', REDIS_SENTINELS: 'a:1' }, 'REDIS_URL is a Unix socket'],
    [{ REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_USERNAME: 'me' }, 'REDIS_SENTINEL_PASSWORD is not'],
    [{ REDIS_SENTINEL_PASSWORD: 'hunter2' }, 'but REDIS_SENTINELS is not'],
  ])('that contradict each other are refused', (variables, message) => {
    const read = () => readRedisSettings(variables);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/hunter2/);
  });

  test('are translated for ioredis', () => {
    const settings = readRedisSettings({
      REDIS_URL: 'rediss://me:secret@ignored/2',
      REDIS_SENTINELS: SENTINELS,
      REDIS_SENTINEL_NAME: 'shop',
      REDIS_SENTINEL_USERNAME: 'watcher',
      REDIS_SENTINEL_PASSWORD: 'hunter2',
      REDIS_CA_FILE: caFile,
    });
    const tls = { ca: [rootCertificates[0]] };
    const { url, options } = createRedisClientOptions(settings);
    expect(url).toBe('redis://me:secret@ignored/2');
    expect(options).toMatchObject({
      name: 'shop',
      sentinelUsername: 'watcher',
      sentinelPassword: 'hunter2',
      tls,
      sentinelTLS: tls,
      enableTLSForSentinelMode: true,
    });
    expect(createRedisClientOptions(readRedisSettings({})).options).not.toHaveProperty('tls');
    expect(createRedisClientOptions(readRedisSettings({ REDIS_URL: 'unix:///run/redis.sock' })).url).toBe(
      '/run/redis.sock',
    );
    expect(describeRedisAddress(settings)).toBe(
      'the master shop of the Sentinels redis-1:26379, fd00::2:26380',
    );
    folder.remove();
  });
});

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'set REDIS_CA_FILE to the file of the authority'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another host: text'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'the port does not use TLS'],
  ['ECONNREFUSED', 'text'],
])('an error with code %s says what is wrong', (code, message) => {
  expect(describeRedisError(Object.assign(new Error('text'), { code }))).toContain(message);
});
