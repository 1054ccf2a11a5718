import { LOG_STREAM } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRuleCreated } from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeEach(async () => void (platform = await startTestPlatform()));
afterEach(() => platform.close());

const rules = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => buildRuleCreated({ id: `r${from + i}` }));
const totalCount = async () => {
  const { data } = await platform.query('{ rules { totalCount } }');
  return (data?.['rules'] as { totalCount: number }).totalCount;
};

describe('what the stream has lost', () => {
  it('is read from the log: a gap before the first entry', async () => {
    const entries = platform.monitoring.appendToLog(...rules(700));
    await platform.monitoring.addToStream(...entries.slice(690));
    await platform.start();
    await platform.waitForPosition(700);
    expect(await totalCount()).toBe(700);
  });

  it('is read from the log: a gap while it is followed', async () => {
    await platform.monitoring.publish(...rules(2));
    await platform.start();
    await platform.waitForPosition(2);
    const entries = platform.monitoring.appendToLog(...rules(4, 2));
    await platform.monitoring.addToStream(entries[3]!);
    await platform.waitForPosition(6);
    await eventually(() =>
      expect(platform.ruleChanges.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]),
    );
  });

  it('is waited for while monitoring is away, and said', async () => {
    await platform.monitoring.publish(...rules(2));
    await platform.start();
    await platform.waitForPosition(2);
    await platform.monitoring.stopServer();
    const entries = platform.monitoring.appendToLog(...rules(3, 2));
    await platform.monitoring.addToStream(entries[2]!);
    await eventually(() =>
      expect(platform.heartbeats.at(-1)).toMatchObject({
        status: 'error',
        detail: expect.stringMatching(
          /^entries 3 to 4 are not on the Redis stream, .*ECONNREFUSED/,
        ) as string,
        lag: { entries: 3, what: 'log entries behind' },
      }),
    );
    expect(await totalCount()).toBe(2);
    await platform.monitoring.startServer();
    await platform.waitForPosition(5);
    await eventually(() =>
      expect(platform.heartbeats.at(-1)).toMatchObject({ status: 'ok', lag: { entries: 0 } }),
    );
  });

  it('is read from the log where an entry is damaged', async () => {
    const entries = platform.monitoring.appendToLog(...rules(3));
    await platform.monitoring.addToStream(entries[0]!);
    await platform.redisClient.xadd(LOG_STREAM, '2-0', 'data', '{');
    await platform.monitoring.addToStream(entries[2]!);
    await platform.start();
    await platform.waitForPosition(3);
    expect(await totalCount()).toBe(3);
  });

  it('is not missed when Redis forgets everything and the relay goes on at the end', async () => {
    await platform.monitoring.publish(...rules(3));
    await platform.start();
    await platform.waitForPosition(3);
    await platform.redisClient.flushall();
    await platform.monitoring.publish(...rules(1, 3));
    await platform.waitForPosition(4);
  });

  it('is not missed when Redis forgets what was not read yet, and then lies idle', async () => {
    await platform.monitoring.publish(...rules(3));
    await platform.start();
    await platform.waitForPosition(3);
    await platform.redisClient.flushall();
    platform.monitoring.appendToLog(...rules(1_100, 3));
    await platform.waitForPosition(1_103);
  });

  it('is not missed by a new read model beside an empty stream', async () => {
    platform.monitoring.appendToLog(...rules(1_100));
    await platform.start();
    await platform.waitForPosition(1_100);
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
  });

  it('is not missed when the relay brings everything again, slowly', async () => {
    const entries = await platform.monitoring.publish(...rules(5));
    await platform.start();
    await platform.waitForPosition(5);
    await platform.redisClient.flushall();
    for (const entry of [...entries, ...platform.monitoring.appendToLog(...rules(2, 5))]) {
      await platform.monitoring.addToStream(entry);
    }
    await platform.waitForPosition(7);
    await eventually(() =>
      expect(platform.ruleChanges.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7]),
    );
  });
});

describe('while Redis is away', () => {
  it('queries go on; the projector goes on where it was when Redis is back', async () => {
    await platform.monitoring.publish(...rules(2));
    await platform.start();
    await platform.waitForPosition(2);
    await platform.redis.kill();
    expect(await totalCount()).toBe(2);
    expect((await platform.getReadiness()).status).toBe(200);
    platform.monitoring.appendToLog(...rules(1, 2));
    await platform.redis.start();
    await platform.monitoring.addToStream(platform.monitoring.entries[2]!);
    await platform.waitForPosition(3);
    await platform.monitoring.publish(...rules(1, 3));
    await platform.waitForPosition(4);
    // It was lost once: the read that was waiting then does not cost the new connection.
    const lost = platform.logLines.filter(({ role, level }) => role === 'projector' && level === 'warn');
    expect(lost).toHaveLength(1);
  });

  it('it starts, answers, and is ready', async () => {
    await platform.redis.kill();
    await platform.start();
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    expect(await totalCount()).toBe(0);
    await platform.redis.start();
    await platform.monitoring.publish(...rules(1));
    await platform.waitForPosition(1);
  });

  it('a Redis that stands still with its connections open is noticed, and left when it moves again', async () => {
    await platform.monitoring.publish(...rules(1));
    await platform.start();
    await platform.waitForPosition(1);
    platform.redis.freeze();
    await eventually(() => {
      expect(platform.logLines.map(({ msg }) => msg)).toContain('Redis connection lost');
    });
    platform.redis.thaw();
    await platform.monitoring.publish(...rules(1, 1));
    await platform.waitForPosition(2);
  });
});
