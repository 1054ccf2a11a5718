import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from './logger.js';
import { readRedisSettings } from './redis.js';
import {
  createRedisPubSubClient,
  type RedisPubSubClient,
  createRedisClient,
  waitUntilRedisReady,
} from './redis-connections.js';
import { eventually, startFreezingProxy, startRedis, type TestRedis } from './testing/index.js';

const logger = createLogger('test', 'silent');
const message = z.object({ n: z.number() });
let server: TestRedis;
let pubsub: RedisPubSubClient;

beforeAll(async () => {
  server = await startRedis();
  pubsub = createRedisPubSubClient(server.settings, logger);
});
afterAll(async () => {
  pubsub.close();
  await server.close();
});

/** The number of connections that are subscribed to a channel, according to Redis. */
async function countSubscribers(channel: string): Promise<unknown> {
  const redis = createRedisClient(server.settings, 'test', logger, { enableOfflineQueue: true });
  const [, count] = (await redis.pubsub('NUMSUB', channel)) as [string, number];
  redis.disconnect();
  return count;
}

describe('pub/sub over Redis', () => {
  it('rejects a subscription that is pending when it closes, and leaves no other rejection', async () => {
    const closing = createRedisPubSubClient(server.settings, logger);
    const unhandled: unknown[] = [];
    const record = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', record);
    await waitUntilRedisReady(closing.subscriber, new AbortController().signal);
    server.freeze();
    const subscribed = closing.subscribe('pending', message, () => undefined);
    const settled = subscribed.then(
      () => 'subscribed',
      () => 'rejected',
    );
    await new Promise((resolve) => setImmediate(resolve));
    closing.close();
    expect(await settled).toBe('rejected');
    server.thaw();
    // Node.js reports unhandled rejections after the microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', record);
    expect(unhandled).toStrictEqual([]);
  });

  it('shares one Redis subscription among listeners and ends it with the last', async () => {
    const received: string[] = [];
    const ends = [];
    for (const listener of ['a', 'b']) {
      ends.push(await pubsub.subscribe('many', message, ({ n }) => void received.push(`${listener}${n}`)));
    }
    expect(await countSubscribers('many')).toBe(1);
    await pubsub.publish('many', { n: 1 });
    await eventually(() => expect(received).toStrictEqual(['a1', 'b1']));
    ends[0]?.();
    ends[0]?.();
    expect(pubsub.channels).toStrictEqual(['many']);
    ends[1]?.();
    await eventually(async () => expect(await countSubscribers('many')).toBe(0));
    expect(pubsub.channels).toStrictEqual([]);
  });

  it('drops messages that do not match the schema', async () => {
    const received: number[] = [];
    const end = await pubsub.subscribe('shape', message, ({ n }) => void received.push(n));
    await pubsub.publish('shape', { n: 'one' });
    await pubsub.publish('shape', 'nonsense');
    await pubsub.publish('shape', { n: 2 });
    await eventually(() => expect(received).toStrictEqual([2]));
    end();
  });

  it('resubscribes when Redis is back, and publish does not throw while it is away', async () => {
    const received: number[] = [];
    const end = await pubsub.subscribe('back', message, ({ n }) => void received.push(n));
    await server.kill();
    await pubsub.publish('back', { n: 1 });
    await server.start();
    await eventually(async () => {
      await pubsub.publish('back', { n: 2 });
      expect(received).toContain(2);
    });
    expect(received).not.toContain(1);
    end();
  });

  it('keeps a subscription that was requested while the connection was being established', async () => {
    const own = createRedisPubSubClient(server.settings, logger);
    await once(own.subscriber, 'connect');
    const received: number[] = [];
    const end = await own.subscribe('early', message, ({ n }) => void received.push(n));
    for (const redis of [own.publisher, own.subscriber])
      await waitUntilRedisReady(redis, AbortSignal.timeout(5_000));
    await own.publish('early', { n: 1 });
    await eventually(() => expect(received).toStrictEqual([1]));
    end();
    own.close();
  });

  it('replaces connections on which nothing arrives any more although they stay open', async () => {
    const proxy = await startFreezingProxy(server.port);
    const own = createRedisPubSubClient(
      readRedisSettings({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` }),
      logger,
      50,
    );
    const received: number[] = [];
    await own.subscribe('frozen', message, ({ n }) => void received.push(n));
    await waitUntilRedisReady(own.publisher, AbortSignal.timeout(5_000));
    await eventually(async () => {
      await own.publish('frozen', { n: 1 });
      expect(received).toContain(1);
    });
    // A busy machine may have been too slow for the check before.
    const before = proxy.connectionCount;
    proxy.freezeOpenConnections();
    await eventually(async () => {
      await own.publish('frozen', { n: 2 });
      expect(received).toContain(2);
    });
    expect(proxy.connectionCount).toBeGreaterThanOrEqual(before + 2);
    own.close();
    await proxy.close();
  });

  it('can be closed while Redis is away', async () => {
    const own = createRedisPubSubClient(server.settings, logger);
    const end = await own.subscribe('closing', message, () => undefined);
    await server.kill();
    await eventually(() => expect(own.subscriber.status).not.toBe('ready'));
    end();
    own.close();
    await server.start();
  });
});
