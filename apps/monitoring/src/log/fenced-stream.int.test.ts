import { DEFAULT_REDIS_NAMES, type LogEntry } from '@seguridad-abc/contracts';
import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFencedStream } from './fenced-stream.js';

const { logStream: stream, logFenceKey: fenceKey } = DEFAULT_REDIS_NAMES;

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});
beforeEach(() => redis.flushall());

/** The stream as one relay writes it. */
function createStream() {
  const created = createFencedStream({ redis, stream, fenceKey, maxLength: 1_000 });
  created.begin();
  return created;
}
const createEntries = (...positions: number[]): LogEntry[] =>
  positions.map((position) => ({
    logId: 'log',
    position,
    type: 'RuleCreated',
    version: 1,
    at: '2026-01-31T08:00:00.000Z',
    actor: null,
    data: {},
  }));
const readIds = async () => (await redis.xrange(stream, '-', '+')).map(([id]) => id);

test('an entry that Redis already has counts as published', async () => {
  const log = createStream();
  const fence = await log.claim();
  await log.publish(fence, createEntries(1, 2));
  await log.publish(fence, createEntries(2, 3));
  expect(await readIds()).toStrictEqual(['1-0', '2-0', '3-0']);
});

test('a relay that was frozen adds nothing that it read before another one began, also to a removed stream', async () => {
  const frozen = createStream();
  const fence = await frozen.claim();
  const read = createEntries(1, 2);
  const other = createStream();
  const otherFence = await other.claim();
  await expect(frozen.publish(fence, read)).rejects.toThrow('another relay writes the stream');
  await other.publish(otherFence, createEntries(1, 2));
  const isRemoved = other.requestRemoval();
  expect(isRemoved()).toBe(false);
  const newFence = await other.claim();
  expect(isRemoved()).toBe(true);
  await expect(frozen.publish(fence, read)).rejects.toThrow('another relay writes the stream');
  await expect(other.publish(otherFence, read)).rejects.toThrow('another relay writes the stream');
  expect(await redis.exists(stream)).toBe(0);
  await other.publish(newFence, createEntries(1));
  expect(await readIds()).toStrictEqual(['1-0']);
});

test('a stream that Redis brings back with an older fence is removed', async () => {
  const log = createStream();
  await log.publish(await log.claim(), createEntries(1));
  const backup = await Promise.all([redis.dumpBuffer(stream), redis.dumpBuffer(fenceKey)]);
  log.requestRemoval();
  const fence = await log.claim();
  await redis.restore(stream, 0, backup[0], 'REPLACE');
  await redis.restore(fenceKey, 0, backup[1], 'REPLACE');
  await expect(log.publish(fence, createEntries(2))).rejects.toThrow('Redis has lost');
  await log.claim();
  expect(await redis.exists(stream)).toBe(0);
});

test('a relay that begins keeps the stream', async () => {
  const log = createStream();
  await log.publish(await log.claim(), createEntries(1));
  log.begin();
  await log.claim();
  await createStream().claim();
  expect(await readIds()).toStrictEqual(['1-0']);
});

test('the error of Redis ends a batch', async () => {
  const log = createStream();
  const fence = await log.claim();
  await redis.config('SET', 'maxmemory', '1');
  try {
    await expect(log.publish(fence, createEntries(1, 2))).rejects.toThrow(/^OOM command not allowed/);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
  expect(await log.publish(fence, createEntries(1, 2))).toBeGreaterThan(100);
});
