import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSentinels, type TestSentinels } from '../harness/redis-sentinels.js';

const TIMEOUT_MS = 120_000;

let redis: TestSentinels;
beforeAll(async () => {
  redis = await startSentinels();
}, TIMEOUT_MS);
afterAll(() => redis.close());

test(
  'Sentinels promote the replica of a master that was killed, and the old master becomes its replica',
  async () => {
    const { REDIS_SENTINELS = '', REDIS_SENTINEL_PASSWORD, REDIS_URL = '' } = redis.settings;
    const client = new Redis({
      sentinels: REDIS_SENTINELS.split(',').map((address) => ({
        host: '127.0.0.1',
        port: Number(address.split(':')[1]),
      })),
      name: 'mymaster',
      password: new URL(REDIS_URL).password,
      sentinelPassword: REDIS_SENTINEL_PASSWORD ?? '',
    });
    client.on('error', () => undefined);
    try {
      await client.set('before', '1');
      // So that the replica has it.
      expect(await client.wait(1, 0)).toBe(1);
      const old = await redis.killMaster();
      expect(old).toBe(REDIS_URL);
      const master = await redis.waitForFailover(old);
      expect(master).not.toBe(old);
      expect(await client.get('before')).toBe('1');
      await client.set('after', '2');
      await redis.restart(old);
      expect(await client.wait(1, 0)).toBe(1);
      expect(await redis.findMasterUrl()).toBe(master);
    } finally {
      client.disconnect();
    }
  },
  TIMEOUT_MS,
);
