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
beforeEach(async () => {
  storedFence = undefined;
  await redis.flushall();
});

/** What the database of the log knows of the last claim. */
let storedFence: string | undefined;

/** The stream as one relay writes it. */
function createStream(logIds = ['log', 'earlier']) {
  const created = createFencedStream({
    redis,
    stream,
    fenceKey,
    maxLength: 1_000,
    eventLog: {
      getLogIds: () => Promise.resolve(logIds),
      getStreamFence: () => Promise.resolve(storedFence),
      storeStreamFence: (fence) => Promise.resolve(void (storedFence = fence)),
    },
  });
  created.forgetClaim();
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
  const removal = other.requestRemoval();
  expect(removal.isDone).toBe(false);
  const newFence = await other.claim();
  expect(removal.isDone).toBe(true);
  await expect(frozen.publish(fence, read)).rejects.toThrow('another relay writes the stream');
  await expect(other.publish(otherFence, read)).rejects.toThrow('another relay writes the stream');
  expect(await redis.exists(stream)).toBe(0);
  await other.publish(newFence, createEntries(1));
  expect(await readIds()).toStrictEqual(['1-0']);
});

test.each(['the same relay', 'another relay'])(
  'a stream that Redis brings back with an older fence is removed by %s',
  async (relay) => {
    const log = createStream();
    await log.publish(await log.claim(), createEntries(1));
    const backup = await Promise.all([redis.dumpBuffer(stream), redis.dumpBuffer(fenceKey)]);
    log.requestRemoval();
    const fence = await log.claim();
    await redis.restore(stream, 0, backup[0], 'REPLACE');
    await redis.restore(fenceKey, 0, backup[1], 'REPLACE');
    await expect(log.publish(fence, createEntries(2))).rejects.toThrow('Redis has lost');
    await (relay === 'another relay' ? createStream() : log).claim();
    expect(await redis.exists(stream)).toBe(0);
  },
);

test('the stream of another log stays as it is, with its fence, also if its removal is requested', async () => {
  const log = createStream();
  const fence = await log.claim();
  await log.publish(fence, createEntries(1));
  storedFence = undefined;
  const other = createStream(['other', 'older']);
  const removal = other.requestRemoval();
  expect(await other.claim()).toBeUndefined();
  await expect(other.publish(undefined, createEntries(2))).rejects.toThrow('another relay writes the stream');
  expect([removal.isDone, storedFence]).toStrictEqual([false, undefined]);
  await log.publish(fence, createEntries(2));
  expect(await readIds()).toStrictEqual(['1-0', '2-0']);
  // After `npm run restore`, the stream that is there is replaced.
  await other.claim(true);
  expect(removal.isDone).toBe(true);
  expect(await redis.exists(stream)).toBe(0);
});

test('an earlier epoch is of the same log, and a stream without entries of any', async () => {
  const log = createStream(['log']);
  await log.publish(await log.claim(), createEntries(1));
  const restored = createStream(['new', 'log']);
  expect(await restored.claim()).toBeDefined();
  await redis.xtrim(stream, 'MAXLEN', 0);
  storedFence = undefined;
  expect(await createStream(['other']).claim()).toBeDefined();
});

test('a claim shows that Redis is a replica', async () => {
  const log = createStream();
  await log.claim();
  await redis.replicaof('127.0.0.1', 1);
  try {
    await expect(log.claim()).rejects.toThrow(/^READONLY/);
  } finally {
    await redis.replicaof('NO', 'ONE');
  }
});

test('a relay that begins keeps the stream', async () => {
  const log = createStream();
  await log.publish(await log.claim(), createEntries(1));
  log.forgetClaim();
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
