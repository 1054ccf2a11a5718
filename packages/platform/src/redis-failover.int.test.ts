import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  awaitRedisReply,
  createRedisClient,
  createRedisPubSubClient,
  NO_RESEND_REDIS_OPTIONS,
} from './redis-connections.js';
import { QuietSentinelConnector } from './redis-sentinel-connector.js';
import {
  eventually,
  recordLogs,
  startRedis,
  startRedisSentinels,
  type TestRedisNode,
  type TestRedisSentinels,
} from './testing/index.js';

const STREAM = 'seguridad:log';
const CHANNEL = 'seguridad:health';
/** Longer than any failover here: only a connection that is replaced ends the read. */
const BLOCK_MS = 60_000;
const FAILOVER_TIMEOUT_MS = 30_000;
const { logger } = recordLogs();

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUps.splice(0).reverse()) await undo();
});

/** The role that a server reports, and its port. */
async function readServer(redis: Redis): Promise<string> {
  const info = await redis.info();
  const [, role = ''] = /^role:(\w+)/m.exec(info) ?? [];
  const [, port = ''] = /^tcp_port:(\d+)/m.exec(info) ?? [];
  return `${role} ${port}`;
}

describe('connections through Sentinels', () => {
  let servers: TestRedisSentinels;
  beforeAll(async () => void (servers = await startRedisSentinels()));
  afterAll(() => servers.close());

  function connect() {
    const received: number[] = [];
    const pubsub = createRedisPubSubClient(servers.settings, logger);
    const client = createRedisClient(servers.settings, 'test', logger, NO_RESEND_REDIS_OPTIONS);
    const reader = createRedisClient(servers.settings, 'reader', logger, NO_RESEND_REDIS_OPTIONS);
    cleanUps.push(
      () => pubsub.close(),
      () => client.disconnect(),
      () => reader.disconnect(),
    );
    const subscribed = pubsub.subscribe(CHANNEL, z.number(), (message) => void received.push(message));
    return { received, pubsub, client, reader, subscribed };
  }

  test.each<{
    event: string;
    loseMaster: (master: TestRedisNode) => unknown;
    returnMaster: (master: TestRedisNode) => unknown;
  }>([
    {
      event: 'SENTINEL FAILOVER',
      loseMaster: () => servers.failOver(),
      returnMaster: () => undefined,
    },
    {
      event: 'kill -9 of the master',
      loseMaster: (master) => master.kill(),
      returnMaster: (master) => master.start(),
    },
    {
      event: 'a master that hangs',
      loseMaster: (master) => master.freeze(),
      returnMaster: (master) => master.thaw(),
    },
  ])(
    'follow a failover after $event: commands, subscriptions and blocked reads',
    async ({ loseMaster, returnMaster }) => {
      const master = await servers.getMaster();
      const next = servers.getOther(master);
      const { received, pubsub, client, reader, subscribed } = connect();
      await subscribed;
      for (const redis of [client, reader, pubsub.publisher])
        await eventually(async () => expect(await readServer(redis)).toBe(`master ${master.port}`));
      const blocked = awaitRedisReply(
        reader,
        reader.xread('BLOCK', BLOCK_MS, 'STREAMS', STREAM, '$'),
        BLOCK_MS,
      ).then(String, (error: unknown) => String(error));
      await pubsub.publish(CHANNEL, 1);
      await eventually(() => expect(received).toStrictEqual([1]));

      await loseMaster(master);
      await servers.waitForMaster(next);
      expect(await blocked).toMatch(/lost|UNBLOCKED|READONLY/);
      for (const redis of [client, reader, pubsub.publisher])
        await eventually(
          async () => expect(await readServer(redis)).toBe(`master ${next.port}`),
          FAILOVER_TIMEOUT_MS,
        );
      await eventually(async () => {
        await pubsub.publish(CHANNEL, 2);
        expect(received).toContain(2);
      }, FAILOVER_TIMEOUT_MS);
      // A message of the master arrives: the subscription is not at the former one.
      await next.admin.publish(CHANNEL, '3');
      await eventually(() => expect(received).toContain(3));
      const entry = reader.xread('BLOCK', BLOCK_MS, 'STREAMS', STREAM, '$');
      await eventually(async () => {
        await client.xadd(STREAM, '*', 'data', 'x');
        expect(await Promise.race([entry, Promise.resolve(null)])).not.toBeNull();
      });

      // The former master comes back as a replica of the new one.
      await returnMaster(master);
      await servers.waitForReplica(master);
    },
    60_000,
  );

  test('that no Sentinel accepts say why, once', async () => {
    const { logger: recording, lines } = recordLogs();
    const settings = { ...servers.settings, REDIS_SENTINEL_NAME: 'shop' };
    const redis = createRedisClient(settings, 'test', recording);
    cleanUps.push(() => redis.disconnect());
    await eventually(() => expect(lines).not.toHaveLength(0));
    expect(JSON.stringify(lines)).toMatch(/the Sentinel 127.0.0.1:\d+ knows no master shop/);
    await once(redis, 'error');
    expect(lines).toHaveLength(1);
  });

  test('write nothing but log lines while a Sentinel is away', async () => {
    const consoleError = vi.spyOn(console, 'error').mockReturnValue();
    const away = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
    await once(away, 'listening');
    const { port } = away.address() as AddressInfo;
    const { REDIS_SENTINELS = [] } = servers.settings;
    const settings = {
      ...servers.settings,
      REDIS_SENTINELS: [...REDIS_SENTINELS, { host: '127.0.0.1', port }],
    };
    const { logger: recording, lines } = recordLogs();
    const redis = createRedisClient(settings, 'test', recording, { enableOfflineQueue: true });
    cleanUps.push(
      () => away.close(),
      () => redis.disconnect(),
      () => consoleError.mockRestore(),
    );
    expect(await redis.ping()).toBe('PONG');
    // At the second connection, the first one has failed.
    await once(away, 'connection');
    await once(away, 'connection');
    expect(consoleError.mock.calls).toStrictEqual([]);
    expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toStrictEqual([]);
  });

  test('go on while a Sentinel does not answer: its subscription fails without an unhandled rejection', async () => {
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const connector = new QuietSentinelConnector({
      sentinels: [{ port }],
      name: 'mymaster',
      sentinelCommandTimeout: 50,
    });
    const connectToSentinel = Reflect.get(connector, 'connectToSentinel') as (address: object) => Redis;
    const sentinel = connectToSentinel.call(connector, { host: '127.0.0.1', port });
    cleanUps.push(
      () => silent.close(),
      () => sentinel.disconnect(),
      () => process.off('unhandledRejection', rejected),
    );
    // As ioredis does after a reconnect.
    void sentinel.subscribe('+switch-master');
    await expect(sentinel.subscribe('+switch-master')).rejects.toThrow('Command timed out');
    await setImmediate();
    expect(rejected).not.toHaveBeenCalled();
  });
});

describe('a server that becomes a replica', () => {
  test('gets no more commands and subscriptions on the connections of before', async () => {
    const server = await startRedis();
    const client = createRedisClient(server.settings, 'test', logger);
    const { logger: recording, lines } = recordLogs();
    const pubsub = createRedisPubSubClient(server.settings, recording, 50);
    cleanUps.push(
      () => pubsub.close(),
      () => client.disconnect(),
      () => server.close(),
    );
    await pubsub.subscribe(CHANNEL, z.number(), () => undefined);
    await eventually(() =>
      expect([client.status, pubsub.publisher.status]).toStrictEqual(['ready', 'ready']),
    );
    const closed = [client, pubsub.publisher, pubsub.subscriber].map((redis) => once(redis, 'close'));
    const other = await startRedis();
    const admin = new Redis(server.url);
    cleanUps.push(
      () => other.close(),
      () => admin.disconnect(),
    );
    await admin.replicaof('127.0.0.1', other.port);
    // Its caller decides whether the command is still wanted: it is not sent again.
    await expect(client.set('key', 'value')).rejects.toThrow('READONLY');
    await Promise.all(closed);
    await eventually(() => expect(JSON.stringify(lines)).toContain('has become a replica'));
    const connected = once(pubsub.publisher, 'ready');
    await admin.replicaof('NO', 'ONE');
    await connected;
    await eventually(async () => expect(await client.set('key', 'value')).toBe('OK'));
    expect(lines.filter(({ msg }) => msg.includes('has become a replica'))).toHaveLength(1);
  });
});
