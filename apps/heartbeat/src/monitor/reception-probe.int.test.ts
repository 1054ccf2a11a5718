import { once } from 'node:events';
import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReceptionProbe } from './reception-probe.js';

let redis: TestRedis;
let subscriber: Redis;
let log: string[];

beforeEach(async () => {
  redis = await startRedis();
  subscriber = new Redis(redis.url, { maxRetriesPerRequest: null });
  subscriber.on('error', () => undefined);
  subscriber.on('message', (_channel, message) => log.push(`received ${message}`));
  await subscriber.subscribe('channel');
  log = [];
});
afterEach(async () => {
  subscriber.disconnect();
  await redis.close();
});

const createTestProbe = () => {
  let time = 0;
  return createReceptionProbe({
    subscriber,
    readMonotonicClock: () => time++,
    onConfirmed: (sentAt) => log.push(`confirmed ${sentAt}`),
    onConnectionLost: () => log.push('lost'),
    replyTimeoutMs: 2,
  });
};

it('a reply arrives after every message published before the PING', async () => {
  const probe = createTestProbe();
  const publisher = new Redis(redis.url);
  for (const message of ['1', '2', '3']) await publisher.publish('channel', message);
  publisher.disconnect();
  probe.sendPing();
  await expect.poll(() => log).toContain('confirmed 0');
  expect(log).toStrictEqual(['received 1', 'received 2', 'received 3', 'confirmed 0']);
});

it('a reply on a connection without a subscription confirms nothing', async () => {
  await subscriber.unsubscribe('channel');
  const probe = createTestProbe();
  probe.sendPing(); // sends at 0
  await subscriber.ping();
  expect(log).toStrictEqual([]);
  await subscriber.subscribe('channel');
  probe.sendPing(); // sends at 1
  await expect.poll(() => log).toStrictEqual(['confirmed 1']);
});

it('sends one PING at a time, and reconnects when no reply arrives', async () => {
  const probe = createTestProbe();
  redis.freeze();
  probe.sendPing(); // sends at 0
  probe.sendPing(); // waits at 1
  probe.sendPing(); // reconnects at 2
  await expect.poll(() => log, { timeout: 10_000 }).toStrictEqual(['lost']);
  redis.thaw();
  await once(subscriber, 'ready');
  probe.sendPing();
  await expect.poll(() => log).toStrictEqual(['lost', 'confirmed 3']);
});

it('confirms nothing while Redis is unreachable, and again after Redis is back', async () => {
  const probe = createTestProbe();
  redis.freeze();
  probe.sendPing(); // sends at 0
  await redis.kill();
  await expect.poll(() => log).toContain('lost');
  probe.sendPing();
  await redis.start();
  await expect.poll(() => subscriber.status).toBe('ready');
  await subscriber.ping();
  expect(log.filter((line) => line.startsWith('confirmed'))).toStrictEqual([]);
  probe.sendPing(); // sends at 1
  await expect.poll(() => log).toContain('confirmed 1');
});
