import { DEFAULT_REDIS_NAMES } from '@seguridad-abc/contracts';
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

describe('entries that the stream has lost', () => {
  it('are read from the log if they come before the first entry', async () => {
    const entries = platform.monitoring.appendToLog(...rules(700));
    await platform.monitoring.addToStream(...entries.slice(690));
    await platform.start();
    await platform.waitForPosition(700);
    expect(await totalCount()).toBe(700);
  });

  it('are read from the log if a later entry arrives', async () => {
    await platform.monitoring.publish(...rules(2));
    await platform.start();
    await platform.waitForPosition(2);
    const entries = platform.monitoring.appendToLog(...rules(4, 2));
    await platform.monitoring.addToStream(entries[3]!);
    await platform.waitForPosition(6);
    await eventually(() =>
      expect(platform.ruleChanges.map(({ position }) => position)).toEqual([3, 4, 5, 6]),
    );
  });

  it('are waited for and reported while monitoring is away', async () => {
    await platform.monitoring.publish(...rules(2));
    await platform.start();
    await platform.waitForPosition(2);
    await platform.monitoring.stopServer();
    const entries = platform.monitoring.appendToLog(...rules(3, 2));
    await platform.monitoring.addToStream(entries[2]!);
    await eventually(() =>
      expect(platform.heartbeats.at(-1)).toMatchObject({
        status: 'error',
        detail: expect.stringMatching(/entries 3 to 4 are not on the Redis stream, .*ECONNREFUSED/) as string,
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

  it('are read from the log if an entry on the stream is damaged', async () => {
    const entries = platform.monitoring.appendToLog(...rules(3));
    await platform.monitoring.addToStream(entries[0]!);
    await platform.redisClient.xadd(DEFAULT_REDIS_NAMES.logStream, '2-0', 'data', '{');
    await platform.monitoring.addToStream(entries[2]!);
    await platform.start();
    await platform.waitForPosition(3);
    expect(await totalCount()).toBe(3);
  });

  it('are projected if Redis loses the stream and the relay continues at its end', async () => {
    await platform.monitoring.publish(...rules(3));
    await platform.start();
    await platform.waitForPosition(3);
    await platform.redisClient.flushall();
    await platform.monitoring.publish(...rules(1, 3));
    await platform.waitForPosition(4);
  });

  it('are projected if Redis loses the stream and nothing is published afterwards', async () => {
    await platform.monitoring.publish(...rules(3));
    await platform.start();
    await platform.waitForPosition(3);
    await platform.redisClient.flushall();
    platform.monitoring.appendToLog(...rules(1_100, 3));
    await platform.waitForPosition(1_103);
  });

  it('are projected into a new read model while the stream is empty', async () => {
    platform.monitoring.appendToLog(...rules(1_100));
    await platform.start();
    await platform.waitForPosition(1_100);
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
  });

  it('are projected if the relay publishes every entry again, one by one', async () => {
    const entries = await platform.monitoring.publish(...rules(5));
    await platform.start();
    await platform.waitForPosition(5);
    await platform.redisClient.flushall();
    for (const entry of [...entries, ...platform.monitoring.appendToLog(...rules(2, 5))]) {
      await platform.monitoring.addToStream(entry);
    }
    await platform.waitForPosition(7);
    await eventually(() => expect(platform.ruleChanges.map(({ position }) => position)).toEqual([6, 7]));
  });
});

describe('while Redis is away', () => {
  it('entries are projected from the log, and each change is published once when Redis is back', async () => {
    await platform.start();
    await platform.monitoring.publish(...rules(2));
    await platform.waitForPosition(2);
    await eventually(() => expect(platform.ruleChanges).toHaveLength(2));
    await platform.redis.kill();
    platform.monitoring.appendToLog(...rules(1_200, 2));
    await platform.waitForPosition(1_202);
    expect(await totalCount()).toBe(1_202);
    const { status, checks } = await platform.getReadiness();
    expect(status).toBe(200);
    expect(checks).toMatchObject({ reads: 'the log over HTTP', behind: 0, behindSeconds: 0 });
    // Gateways ask for the changes that Redis does not deliver.
    const { body } = await platform.get('/rule-changes?after=1200&limit=10');
    expect(body).toMatchObject({ position: 1_202, changes: [{ position: 1_201 }, { position: 1_202 }] });
    await platform.redis.start();
    await platform.monitoring.addToStream(...platform.monitoring.entries.slice(2));
    // A heartbeat shows that the connections that publish and receive are back.
    const { length } = platform.heartbeats;
    await eventually(() => expect(platform.heartbeats.length).toBeGreaterThan(length));
    await platform.monitoring.publish(...rules(1, 1_202));
    await platform.waitForPosition(1_203);
    await eventually(() =>
      expect(platform.ruleChanges.map(({ position }) => position)).toEqual([1, 2, 1_203]),
    );
    expect(platform.ruleChanges.at(-1)?.since).toBe(1_202);
    await eventually(async () =>
      expect((await platform.getReadiness()).checks).toMatchObject({ reads: 'the stream' }),
    );
  });

  it('reports starts and projects the log', async () => {
    await platform.redis.kill();
    platform.monitoring.appendToLog(...rules(3));
    await platform.start();
    await platform.waitForPosition(3);
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    platform.monitoring.appendToLog(...rules(1, 3));
    await platform.waitForPosition(4);
    await platform.redis.start();
    await platform.monitoring.addToStream(...platform.monitoring.entries);
    await platform.monitoring.publish(...rules(1, 4));
    await platform.waitForPosition(5);
  });

  it('reports is ready also if monitoring is away, and projects the log when monitoring is back', async () => {
    platform.monitoring.appendToLog(...rules(1));
    await platform.start();
    await platform.waitForPosition(1);
    await platform.stop();
    await platform.redis.kill();
    await platform.monitoring.stopServer();
    await platform.start();
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    platform.monitoring.appendToLog(...rules(2, 1));
    await platform.monitoring.startServer();
    await platform.waitForPosition(3);
  });

  it('queries are answered, and the projector continues when Redis is back', async () => {
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
    // One lost connection: the read that waited then does not close the new connection.
    const lost = platform.logLines.filter(({ role, level }) => role === 'projector' && level === 'warn');
    expect(lost).toHaveLength(1);
  });

  it('reports starts, is ready and answers', async () => {
    await platform.redis.kill();
    await platform.start();
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    expect(await totalCount()).toBe(0);
    await platform.redis.start();
    await platform.monitoring.publish(...rules(1));
    await platform.waitForPosition(1);
  });

  it('entries are projected and the reason is reported if Redis answers, but does not serve the stream', async () => {
    await platform.start();
    await platform.redisClient.acl('SETUSER', 'default', '-xread');
    platform.monitoring.appendToLog(...rules(2));
    await platform.waitForPosition(2);
    await eventually(() =>
      expect(platform.heartbeats.at(-1)).toMatchObject({
        status: 'error',
        detail: expect.stringMatching(/^the Redis stream cannot be read: NOPERM/) as string,
      }),
    );
    await platform.redisClient.acl('SETUSER', 'default', '+xread');
    await eventually(() => expect(platform.heartbeats.at(-1)).toMatchObject({ status: 'ok' }));
  });

  it('a frozen Redis is noticed although its connections stay open', async () => {
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
