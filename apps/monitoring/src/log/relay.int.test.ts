import { parseStreamEntry, LOG_STREAM, toStreamId } from '@seguridad-abc/contracts';
import { createLogger, createRedis, NO_RESEND_OPTIONS } from '@seguridad-abc/platform';
import { eventually, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestLog, type TestLog } from '../testing/log.js';
import { validRule } from '../testing/rules.js';
import { createRelay, publishEntries, type Relay } from './relay.js';

const logger = createLogger('test', 'silent');
let server: TestRedis;
let reader: Redis;
let test: TestLog;
let running: { relay: Relay; stop: () => Promise<void> } | undefined;

beforeAll(async () => {
  server = await startRedis();
  reader = new Redis(server.url);
  reader.on('error', () => undefined);
});
afterAll(async () => {
  reader.disconnect();
  await server.close();
});
beforeEach(async () => {
  await reader.flushall();
  test = openTestLog();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await test.close();
});

function relay(maxLength = 1_000): Relay {
  const redis = createRedis(server.url, 'relay', logger, NO_RESEND_OPTIONS);
  const abort = new AbortController();
  const started = createRelay({ outbox: test.log, redis, appended: test.appended, maxLength, logger });
  const done = started.run(abort.signal);
  running = {
    relay: started,
    stop: async () => {
      abort.abort();
      await done;
      redis.disconnect();
    },
  };
  return started;
}

async function published() {
  const entries = await reader.xrange(LOG_STREAM, '-', '+');
  return entries.map(([id, fields]) => parseStreamEntry(id, fields));
}
const positions = async () => (await published()).map(({ position }) => position);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('the relay', () => {
  it('publishes what stands in the log and what comes, whole and in order', async () => {
    await test.fill(3);
    relay();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(3)));
    await test.fill(700);
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(703)));
    expect(await published()).toStrictEqual((await test.log.read(0, 1_000)).entries);
  });

  it('goes on behind the last entry after a restart, and publishes none twice', async () => {
    await test.fill(2);
    relay();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(2)));
    await running?.stop();
    await test.fill(2);
    await test.reopen();
    relay();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(4)));
  });

  it('takes an entry that Redis already has for published', async () => {
    await test.fill(3);
    const { entries } = await test.log.read(0, 3);
    relay();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(3)));
    await publishEntries(reader, entries, 1_000);
    expect(await positions()).toStrictEqual(upTo(3));
  });

  it('survives Redis being away: commands go on, and all of it is published later', async () => {
    const { lag } = relay();
    expect(lag).toBe(0);
    await test.fill(1);
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(1)));
    await server.kill();
    await test.fill(5);
    await server.start();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(6)));
    await eventually(() => expect(running?.relay.lag).toBe(0));
  });

  it('survives Redis dying with entries on their way', async () => {
    relay();
    await test.fill(1);
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(1)));
    server.freeze();
    await test.fill(20);
    await server.kill();
    await server.start();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(21)));
  });

  it('starts while Redis is away', async () => {
    await server.kill();
    await test.fill(2);
    relay();
    await server.start();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(2)));
  });

  it('fills a stream that Redis has lost', async () => {
    await test.fill(3);
    relay();
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(3)));
    await server.kill();
    await server.start({ empty: true });
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(3)));
  });

  it('keeps the stream about as long as it may be', async () => {
    await test.fill(400);
    relay(100);
    await eventually(async () => expect((await positions()).at(-1)).toBe(400));
    expect((await positions()).length).toBeLessThan(250);
  });

  it('does not write to a stream of another log, says so, and goes on once it is gone', async () => {
    const foreign = [
      'logId',
      'other',
      'type',
      'RuleCreated',
      'version',
      '1',
      'at',
      '2026-01-31T08:00:00.000Z',
      'data',
      '{}',
    ];
    await reader.xadd(LOG_STREAM, toStreamId(7), ...foreign);
    await test.fill(9);
    const started = relay();
    await eventually(() => expect(started.blocked).toMatch(/holds log other up to position 7/));
    expect(await reader.xlen(LOG_STREAM)).toBe(1);
    await test.commands.createRule(validRule({ name: 'Commands go on' }));
    await reader.del(LOG_STREAM);
    await eventually(async () => expect(await positions()).toStrictEqual(upTo(10)));
    expect(started.blocked).toBeUndefined();
  });

  it('notices a log that was set back behind its stream', async () => {
    await test.fill(1);
    const { logId } = await test.log.read(0, 1);
    const ahead = [
      'logId',
      logId,
      'type',
      'RuleCreated',
      'version',
      '1',
      'at',
      '2026-01-31T08:00:00.000Z',
      'data',
      '{}',
    ];
    await reader.xadd(LOG_STREAM, toStreamId(5), ...ahead);
    const started = relay();
    await eventually(() => expect(started.blocked).toMatch(/up to position 5, but the event log ends at 1/));
  });
});
