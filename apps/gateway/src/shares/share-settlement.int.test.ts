import { DEFAULT_REDIS_NAMES } from '@seguridad-abc/contracts';
import { createRedisClient } from '@seguridad-abc/platform';
import { eventually, recordLogs, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAllowanceRate } from '@seguridad-abc/platform';
import { CallerShare } from './caller-share.js';
import { createRateLimiter } from './rate-limiter.js';
import { createShareNames } from './share-names.js';
import { createShareSettlement } from './share-settlement.js';

const { logger } = recordLogs();
const getName = createShareNames(DEFAULT_REDIS_NAMES.callerSharePrefix, 'the secret of the installation');
const cleanUp: (() => void)[] = [];
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

/** The part of a gateway that limits one caller. An hour passes before the allowance has returned. */
function createGateway(key: string) {
  const client = createRedisClient(redis.settings, 'test', logger, {
    commandTimeout: 1_000,
    autoResendUnfulfilledCommands: false,
  });
  const now = () => performance.now();
  const settlement = createShareSettlement({
    connect: () => client,
    getName,
    logger,
    now,
  });
  cleanUp.push(() => settlement.close());
  const limiter = createRateLimiter(settlement, now);
  const share = new CallerShare(key, 'customer', undefined, createAllowanceRate(10_000 / 60, 10_000));
  return {
    client,
    use: (cost: number) => limiter.take(share, cost),
    getRemaining: () => limiter.getRemaining(share),
  };
}
const isReady = (gateway: ReturnType<typeof createGateway>) =>
  eventually(() => expect(gateway.client.status).toBe('ready'));

test('gateways share one allowance', async () => {
  const [one, other] = [createGateway('shared'), createGateway('shared')];
  await Promise.all([isReady(one), isReady(other)]);
  one.use(6_000);
  // Its first use settles, so that it learns what the other gateway has granted.
  other.use(100);
  await eventually(() => expect(other.getRemaining()).toBeLessThan(4_000));
  other.use(3_500);
  await eventually(() => expect(one.getRemaining()).toBeGreaterThan(500));
  one.use(100);
  await eventually(() => expect(one.getRemaining()).toBeLessThan(500));
  expect(() => one.use(2_000)).toThrow('allowance');
  expect(() => other.use(2_000)).toThrow('allowance');
});

test('a gateway that restarts learns what was used before', async () => {
  const before = createGateway('restarted');
  await isReady(before);
  before.use(9_000);
  await eventually(async () => expect(await before.client.exists(getName('restarted'))).toBe(1));
  const after = createGateway('restarted');
  await isReady(after);
  after.use(1);
  await eventually(() => expect(after.getRemaining()).toBeLessThan(1_100));
});

test('no name in Redis shows who the caller is', async () => {
  const gateway = createGateway('customer:carmen-ruiz-4711');
  await isReady(gateway);
  await gateway.client.flushdb();
  gateway.use(1);
  await eventually(async () => expect(await gateway.client.dbsize()).toBe(1));
  expect(await gateway.client.keys('*')).toStrictEqual([
    expect.stringMatching(/^seguridad:shares:[\w-]{22}$/) as string,
  ]);
  const getOtherName = createShareNames(DEFAULT_REDIS_NAMES.callerSharePrefix, 'another secret');
  expect(getOtherName('customer:ana')).not.toBe(getName('customer:ana'));
});

test('Redis forgets a caller whose allowance has returned', async () => {
  const gateway = createGateway('idle');
  await isReady(gateway);
  gateway.use(1);
  await eventually(async () => {
    const ttlMs = await gateway.client.pttl(getName('idle'));
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(360);
  });
});

test('without Redis, each gateway enforces the whole allowance; both learn of later uses when it is back', async () => {
  const [one, other] = [createGateway('away'), createGateway('away')];
  await Promise.all([isReady(one), isReady(other)]);
  await redis.kill();
  await eventually(() => expect(one.client.status).not.toBe('ready'));
  for (const gateway of [one, other]) {
    gateway.use(9_000);
    expect(() => gateway.use(2_000)).toThrow('allowance');
  }
  await redis.start();
  await Promise.all([isReady(one), isReady(other)]);
  one.use(400);
  await eventually(async () => expect(await one.client.exists(getName('away'))).toBe(1));
  other.use(500);
  // Redis knows 900 of the 9,900 at most; what a gateway has granted itself still counts.
  expect(() => other.use(2_000)).toThrow('allowance');
  await eventually(async () => expect(await other.client.pttl(getName('away'))).toBeGreaterThan(250_000));
});
