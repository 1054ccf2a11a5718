import { createRedisPubSubClient, type RedisPubSubClient } from '@seguridad-abc/platform';
import { eventually, recordLogs, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSpeakerChannel } from './speaker-channel.js';

const LEASE_MS = 60_000;
/** Later than the clock of any Redis. */
const LATER_TERM = 9_000_000_000_000;

let redis: TestRedis;
let pubsub: RedisPubSubClient;
beforeAll(async () => {
  redis = await startRedis();
  pubsub = createRedisPubSubClient(redis.settings, recordLogs().logger);
  await eventually(() => expect(pubsub.publisher.status).toBe('ready'));
});
afterAll(async () => {
  pubsub.close();
  await redis.close();
});

it('a lease that this run has already keeps its term, unless a later one is known', async () => {
  const channel = createSpeakerChannel(pubsub, 'run', recordLogs().logger);
  const acquire = async (minTerm: number) =>
    (await channel.acquire({ leaseMs: LEASE_MS, minTerm, wantsReport: false })).term!;
  const term = await acquire(0);
  expect(await acquire(term)).toBe(term);
  // A replica has become the primary without the last two leases.
  expect(await acquire(LATER_TERM)).toBe(LATER_TERM + 1);
  expect(await channel.renew(LATER_TERM + 1, LEASE_MS)).toBe(true);
  expect(await channel.renew(term, LEASE_MS)).toBe(false);
});
