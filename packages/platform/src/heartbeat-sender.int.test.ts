import { heartbeatSchema, HEARTBEAT_CHANNEL, type Heartbeat } from '@seguridad-abc/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHeartbeatSender } from './heartbeat-sender.js';
import { createLogger } from './logger.js';
import { createPubSub, type PubSub } from './pubsub.js';
import { eventually } from './testing/eventually.js';
import { startRedis, type TestRedis } from './testing/redis.js';

const logger = createLogger('test', 'silent');
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

describe('startBeating', () => {
  it('beats at once and each interval, says what is wrong, and says goodbye', async () => {
    const heard: Heartbeat[] = [];
    await pubsub.subscribe(HEARTBEAT_CHANNEL, heartbeatSchema, (one) => void heard.push(one));
    const condition: { error?: string; lag: Heartbeat['lag'] } = { lag: { entries: 3, what: 'things' } };
    const stop = startHeartbeatSender({
      service: 'test',
      instance: 'here:1',
      intervalMs: 50,
      pubsub,
      condition: () => condition,
    });
    await eventually(() => expect(heard.length).toBeGreaterThan(1));
    expect(heard[0]).toMatchObject({
      service: 'test',
      instance: 'here:1',
      sequence: 1,
      intervalMs: 50,
      status: 'ok',
      lag: { entries: 3 },
    });
    condition.error = 'the log is blocked';
    await eventually(() =>
      expect(heard.at(-1)).toMatchObject({ status: 'error', detail: 'the log is blocked' }),
    );
    await stop();
    await stop();
    await eventually(() => expect(heard.at(-1)?.status).toBe('stopping'));
    expect(heard.map(({ sequence }) => sequence)).toStrictEqual(heard.map((_, i) => i + 1));
  });
});
