import { DEFAULT_REDIS_NAMES, heartbeatSchema, type Heartbeat } from '@seguridad-abc/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHeartbeatSender } from './heartbeat-sender.js';
import { createLogger } from './logger.js';
import { createRedisPubSubClient, type RedisPubSubClient } from './redis-connections.js';
import { eventually, startRedis, type TestRedis } from './testing/index.js';

const logger = createLogger('test', 'silent');
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

describe('startHeartbeatSender', () => {
  it('sends a heartbeat now and at each interval, reports errors, and sends a last one when it stops', async () => {
    const received: Heartbeat[] = [];
    await pubsub.subscribe(
      DEFAULT_REDIS_NAMES.heartbeatChannel,
      heartbeatSchema,
      (heartbeat) => void received.push(heartbeat),
    );
    const condition: { error?: string; lag: Heartbeat['lag']; log: Heartbeat['log'] } = {
      lag: { entries: 3, what: 'things' },
      log: { id: 'log-1', end: 8, published: 5 },
    };
    const startedAt = Date.now();
    const stop = startHeartbeatSender({
      service: 'test',
      instance: 'here:1',
      intervalMs: 50,
      pubsub,
      condition: () => condition,
    });
    await eventually(() => expect(received.length).toBeGreaterThan(1));
    expect(received[0]).toMatchObject({
      service: 'test',
      instance: 'here:1',
      sequence: 1,
      intervalMs: 50,
      status: 'ok',
      lag: { entries: 3 },
      log: { id: 'log-1', end: 8, published: 5 },
    });
    const sentAt = Date.parse(received[0]?.sentAt ?? '');
    expect(sentAt).toBeGreaterThanOrEqual(startedAt);
    expect(sentAt).toBeLessThanOrEqual(Date.now());
    condition.error = 'the log\n is\u001B blocked';
    await eventually(() =>
      expect(received.at(-1)).toMatchObject({ status: 'error', detail: 'the log  is  blocked' }),
    );
    await stop();
    await stop();
    await eventually(() => expect(received.at(-1)?.status).toBe('stopping'));
    expect(received.map(({ sequence }) => sequence)).toStrictEqual(received.map((_, i) => i + 1));
  });

  it('announces no stop if another process takes its place', async () => {
    const received: Heartbeat[] = [];
    await pubsub.subscribe(
      DEFAULT_REDIS_NAMES.heartbeatChannel,
      heartbeatSchema,
      (heartbeat) => void received.push(heartbeat),
    );
    const stop = startHeartbeatSender({
      ...{ service: 'replaced', instance: 'here:1', intervalMs: 60_000, pubsub },
      isReplaced: () => true,
    });
    const statuses = () =>
      received.filter(({ service }) => service === 'replaced').map(({ status }) => status);
    await eventually(() => expect(statuses()).toEqual(['ok']));
    await stop();
    // The last one shows that the silence begins now.
    await eventually(() => expect(statuses()).toEqual(['ok', 'ok']));
  });

  it('reports the event-loop delay after the start, which may block the loop', async () => {
    const received: Heartbeat[] = [];
    await pubsub.subscribe(
      DEFAULT_REDIS_NAMES.heartbeatChannel,
      heartbeatSchema,
      (heartbeat) => void received.push(heartbeat),
    );
    const stop = startHeartbeatSender({ service: 'test', instance: 'here:1', intervalMs: 50, pubsub });
    // Blocks the loop again and again, and lets it read from Redis in between.
    const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    const blocking = setInterval(block, 200);
    await eventually(() => expect(received.some(({ loopDelayMs }) => loopDelayMs > 0)).toBe(true));
    clearInterval(blocking);
    expect(received.slice(0, 3).map(({ loopDelayMs }) => loopDelayMs)).toEqual([0, 0, 0]);
    await stop();
  });
});
