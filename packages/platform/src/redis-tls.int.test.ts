import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { findRedisFault, type RedisSettings } from './redis.js';
import { createRedisClient, createRedisPubSubClient } from './redis-connections.js';
import {
  createTestCertificates,
  eventually,
  recordLogs,
  startRedisSentinels,
  type TestCertificates,
  type TestRedisSentinels,
} from './testing/index.js';

const TIMEOUT_MS = 5_000;
const PASSWORD = 'hunter2';
let certificates: TestCertificates;
let otherCertificates: TestCertificates;
let servers: TestRedisSentinels;
const cleanUps: (() => void)[] = [];
beforeAll(async () => {
  certificates = createTestCertificates();
  otherCertificates = createTestCertificates();
  servers = await startRedisSentinels({
    certificates,
    nodeConfig: [`user service on >${PASSWORD} resetchannels &shop:* ~shop:* +@all`],
    sentinelConfig: [
      `user watcher on >${PASSWORD} resetchannels &+switch-master -@all +sentinel|get-master-addr-by-name +subscribe`,
    ],
    variables: {
      REDIS_URL: `rediss://service:${PASSWORD}@ignored`,
      REDIS_SENTINEL_USERNAME: 'watcher',
      REDIS_SENTINEL_PASSWORD: PASSWORD,
      REDIS_PREFIX: 'shop:',
    },
  });
});
afterAll(async () => {
  await servers.close();
  certificates.remove();
  otherCertificates.remove();
});
afterEach(() => {
  for (const undo of cleanUps.splice(0)) undo();
});

/** The settings with the master's own address instead of the Sentinels. */
async function getDirectSettings(overrides: Partial<RedisSettings> = {}): Promise<RedisSettings> {
  const { port } = await servers.getMaster();
  const { REDIS_CA_FILE } = servers.settings;
  return {
    REDIS_URL: `rediss://service:${PASSWORD}@localhost:${port}`,
    REDIS_SENTINEL_NAME: 'mymaster',
    REDIS_PREFIX: 'shop:',
    ...(REDIS_CA_FILE && { REDIS_CA_FILE }),
    ...overrides,
  };
}

test('with TLS, an ACL user and a user of the Sentinels, connections follow a failover', async () => {
  const { logger } = recordLogs();
  const client = createRedisClient(servers.settings, 'test', logger, { enableOfflineQueue: true });
  const pubsub = createRedisPubSubClient(servers.settings, logger);
  cleanUps.push(
    () => client.disconnect(),
    () => pubsub.close(),
  );
  const received: number[] = [];
  await pubsub.subscribe(pubsub.names.healthChannel, z.number(), (message) => void received.push(message));
  expect(await client.set('shop:key', '1')).toBe('OK');
  await expect(client.set('seguridad:key', '1')).rejects.toThrow('NOPERM');
  // The replica that becomes the master has the key.
  expect(await client.wait(1, TIMEOUT_MS)).toBe(1);
  await servers.failOver();
  // The former master, as a replica, answers until its connections are replaced.
  await eventually(async () => expect(await client.get('shop:key')).toBe('1'));
  await eventually(async () => {
    await pubsub.publish('shop:health', 2);
    expect(received).toContain(2);
  });
});

test('without Sentinels, the certificate must be for the host', async () => {
  const settings = await getDirectSettings();
  expect(await findRedisFault(settings, TIMEOUT_MS)).toBeUndefined();
  const REDIS_URL = settings.REDIS_URL.replace('localhost', '127.0.0.2');
  // The server listens on 127.0.0.1 only.
  expect(await findRedisFault({ ...settings, REDIS_URL }, TIMEOUT_MS)).toContain('ECONNREFUSED');
});

test.each([
  ['another authority', () => [otherCertificates.ca]],
  ['the authorities of Node.js', () => undefined],
])('a server whose authority is not that of REDIS_CA_FILE is refused: %s', async (_, getAuthorities) => {
  const untrusted = {
    message: /not signed by a trusted authority \(.*\): set REDIS_CA_FILE to the file of the authority/,
    settings: [
      await getDirectSettings({ REDIS_CA_FILE: getAuthorities() }),
      { ...servers.settings, REDIS_CA_FILE: getAuthorities() },
    ],
  };
  for (const settings of untrusted.settings) {
    expect(await findRedisFault(settings, TIMEOUT_MS)).toMatch(untrusted.message);
    const { logger, lines } = recordLogs();
    const client = createRedisClient(settings, 'test', logger);
    cleanUps.push(() => client.disconnect());
    await eventually(() => expect(JSON.stringify(lines)).toMatch(untrusted.message));
    expect(client.status).not.toBe('ready');
  }
});

test('a wrong password, and a port without TLS, are named without the password', async () => {
  const direct = await getDirectSettings();
  const wrong = direct.REDIS_URL.replace(PASSWORD, 'secret');
  const sentinel = { ...servers.settings, REDIS_SENTINEL_PASSWORD: 'secret' };
  const faults = [
    await findRedisFault({ ...direct, REDIS_URL: wrong }, TIMEOUT_MS),
    await findRedisFault(sentinel, TIMEOUT_MS),
    await findRedisFault({ ...servers.settings, REDIS_URL: wrong }, TIMEOUT_MS),
  ];
  for (const fault of faults) expect(fault).toMatch(/the user or the password is wrong \(WRONGPASS/);
  expect(faults[1]).toMatch(/^the Sentinel 127.0.0.1:\d+ cannot be asked/);
  expect(faults.join()).not.toMatch(/secret|hunter2/);
});
