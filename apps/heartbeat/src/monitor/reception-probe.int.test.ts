import { once } from 'node:events';
import { createLogger, createRedisPubSubClient, type RedisPubSubClient } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createReceptionProber, type ReceptionProber } from './reception-probe.js';

let redis: TestRedis;
let pubsub: RedisPubSubClient;
let admin: Redis;
let prober: ReceptionProber;
let log: string[];

const logger = createLogger('test', 'silent');
const abort = new AbortController();

function createProber(run: string) {
  let time = 0;
  return createReceptionProber({
    pubsub,
    run,
    readMonotonicClock: () => time++,
    onConfirmed: (sentAtMs) => log.push(`${run} confirmed ${sentAtMs}`),
    onReply: () => log.push(`${run} answered`),
    onConnectionLost: () => log.push(`${run} lost`),
    logger,
  });
}

beforeEach(async () => {
  log = [];
  redis = await startRedis();
  pubsub = createRedisPubSubClient(redis.settings, logger);
  admin = new Redis(redis.url, { maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  await pubsub.subscribe('channel', z.string(), (message) => void log.push(`received ${message}`));
  await eventually(() => expect(pubsub.publisher.status).toBe('ready'));
  prober = createProber('first');
  await prober.start(abort.signal);
});
afterEach(async () => {
  prober.close();
  pubsub.close();
  admin.disconnect();
  await redis.close();
});

it('a probe arrives after every message published before it', async () => {
  for (const message of ['1', '2', '3']) await admin.publish('channel', JSON.stringify(message));
  prober.probe();
  await eventually(() => expect(log).toContain('first confirmed 0'));
  expect(log.filter((line) => !line.endsWith('answered'))).toStrictEqual([
    ...['received 1', 'received 2', 'received 3'],
    'first confirmed 0',
  ]);
});

it('a probe of another run confirms nothing', async () => {
  const other = createProber('other');
  other.probe();
  prober.probe();
  await eventually(() => expect(log).toContain('first confirmed 0'));
  expect(log).not.toContain('other confirmed 0');
  other.close();
});

it('while Redis pauses writes it answers, but no probe arrives until the pause ends', async () => {
  await admin.client('PAUSE', 60_000, 'WRITE');
  prober.probe(); // sends at 0
  prober.probe(); // waits for both
  await eventually(() => expect(log).toStrictEqual(['first answered']));
  await admin.client('UNPAUSE');
  await eventually(() => expect(log).toStrictEqual(['first answered', 'first confirmed 0']));
});

it('confirms nothing while Redis is unreachable, and again after Redis is back', async () => {
  redis.freeze();
  prober.probe(); // sends at 0
  await redis.kill();
  await eventually(() => expect(log).toContain('first lost'));
  prober.probe();
  await redis.start();
  for (const one of [pubsub.publisher, pubsub.subscriber])
    if (one.status !== 'ready') await once(one, 'ready');
  await eventually(() => {
    prober.probe();
    expect(log.some((line) => /^first confirmed [1-9]/.test(line))).toBe(true);
  });
  expect(log).not.toContain('first confirmed 0');
});
