import { once } from 'node:events';
import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSight } from './sight.js';

let redis: TestRedis;
let subscriber: Redis;
let log: string[];

beforeEach(async () => {
  redis = await startRedis();
  subscriber = new Redis(redis.url, { maxRetriesPerRequest: null });
  subscriber.on('error', () => undefined);
  subscriber.on('message', (_channel, message) => log.push(`heard ${message}`));
  await subscriber.subscribe('channel');
  log = [];
});
afterEach(async () => {
  subscriber.disconnect();
  await redis.close();
});

const sightOf = () => {
  let time = 0;
  return createSight({
    subscriber,
    clock: () => time++,
    onAnswer: (askedAt) => log.push(`seen ${askedAt}`),
    onLost: () => log.push('lost'),
    giveUpAfterMs: 2,
  });
};

it('the answer comes after everything that was published before it', async () => {
  const sight = sightOf();
  const publisher = new Redis(redis.url);
  for (const message of ['1', '2', '3']) await publisher.publish('channel', message);
  publisher.disconnect();
  sight.look();
  await expect.poll(() => log).toContain('seen 0');
  expect(log).toStrictEqual(['heard 1', 'heard 2', 'heard 3', 'seen 0']);
});

it('an answer on a connection without a subscription proves nothing', async () => {
  await subscriber.unsubscribe('channel');
  const sight = sightOf();
  sight.look(); // asks at 0
  await subscriber.ping();
  expect(log).toStrictEqual([]);
  await subscriber.subscribe('channel');
  sight.look(); // asks at 1
  await expect.poll(() => log).toStrictEqual(['seen 1']);
});

it('asks one question at a time, and makes a connection anew that does not answer', async () => {
  const sight = sightOf();
  redis.freeze();
  sight.look(); // asks at 0
  sight.look(); // waits at 1
  sight.look(); // gives up at 2
  await expect.poll(() => log, { timeout: 10_000 }).toStrictEqual(['lost']);
  redis.thaw();
  await once(subscriber, 'ready');
  sight.look();
  await expect.poll(() => log).toStrictEqual(['lost', 'seen 3']);
});

it('while Redis is away there is no answer; when it is back the next question has one', async () => {
  const sight = sightOf();
  redis.freeze();
  sight.look(); // asks at 0
  await redis.kill();
  await expect.poll(() => log).toContain('lost');
  sight.look();
  await redis.start();
  await expect.poll(() => subscriber.status).toBe('ready');
  await subscriber.ping();
  expect(log.filter((line) => line.startsWith('seen'))).toStrictEqual([]);
  sight.look(); // asks at 1
  await expect.poll(() => log).toContain('seen 1');
});
