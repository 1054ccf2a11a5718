import { once } from 'node:events';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { createPubSub, type PubSub } from './pubsub.js';
import { createRedis, waitUntilRedisReady } from './redis-client.js';
import { eventually } from './testing/eventually.js';
import { startRedis, type TestRedis } from './testing/redis.js';

const logger = createLogger('test', 'silent');
const message = z.object({ n: z.number() });
let server: TestRedis;
let pubsub: PubSub;

beforeAll(async () => {
  server = await startRedis();
  pubsub = createPubSub(server.url, logger);
});
afterAll(async () => {
  pubsub.close();
  await server.close();
});

/** How many connections Redis knows to listen to a channel. */
async function listeners(channel: string): Promise<unknown> {
  const redis = createRedis(server.url, 'test', logger, { enableOfflineQueue: true });
  const [, count] = (await redis.pubsub('NUMSUB', channel)) as [string, number];
  redis.disconnect();
  return count;
}

describe('pub/sub over Redis', () => {
  it('takes one Redis subscription for many listeners, and frees it with the last', async () => {
    const heard: string[] = [];
    const ends = [];
    for (const who of ['a', 'b']) {
      ends.push(await pubsub.subscribe('many', message, ({ n }) => void heard.push(`${who}${n}`)));
    }
    expect(await listeners('many')).toBe(1);
    await pubsub.publish('many', { n: 1 });
    await eventually(() => expect(heard).toStrictEqual(['a1', 'b1']));
    ends[0]?.();
    ends[0]?.();
    expect(pubsub.channels).toStrictEqual(['many']);
    ends[1]?.();
    await eventually(async () => expect(await listeners('many')).toBe(0));
    expect(pubsub.channels).toStrictEqual([]);
  });

  it('drops a message of another shape', async () => {
    const heard: number[] = [];
    const end = await pubsub.subscribe('shape', message, ({ n }) => void heard.push(n));
    await pubsub.publish('shape', { n: 'one' });
    await pubsub.publish('shape', 'nonsense');
    await pubsub.publish('shape', { n: 2 });
    await eventually(() => expect(heard).toStrictEqual([2]));
    end();
  });

  it('listens again by itself when Redis is back, and never throws while it is away', async () => {
    const heard: number[] = [];
    const end = await pubsub.subscribe('back', message, ({ n }) => void heard.push(n));
    await server.kill();
    await pubsub.publish('back', { n: 1 });
    await server.start();
    await eventually(async () => {
      await pubsub.publish('back', { n: 2 });
      expect(heard).toContain(2);
    });
    expect(heard).not.toContain(1);
    end();
  });

  it('keeps a subscription that was asked for while the connection was being made', async () => {
    const own = createPubSub(server.url, logger);
    await once(own.subscriber, 'connect');
    const heard: number[] = [];
    const end = await own.subscribe('early', message, ({ n }) => void heard.push(n));
    for (const redis of [own.publisher, own.subscriber])
      await waitUntilRedisReady(redis, AbortSignal.timeout(5_000));
    await own.publish('early', { n: 1 });
    await eventually(() => expect(heard).toStrictEqual([1]));
    end();
    own.close();
  });

  it('can be closed while Redis is away and listeners come and go', async () => {
    const own = createPubSub(server.url, logger);
    const end = await own.subscribe('closing', message, () => undefined);
    await server.kill();
    await eventually(() => expect(own.subscriber.status).not.toBe('ready'));
    end();
    own.close();
    await server.start();
  });
});
