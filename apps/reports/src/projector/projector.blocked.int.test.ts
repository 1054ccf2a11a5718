import { DEFAULT_REDIS_NAMES } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRuleCreated, buildLog } from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeEach(async () => void (platform = await startTestPlatform()));
afterEach(() => platform.close());

const rules = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => buildRuleCreated({ id: `r${from + i}` }));

/** Resolves when readiness, heartbeats and log all report the reason. */
async function untilBlocked(reason: RegExp) {
  await eventually(async () => {
    expect((await platform.getReadiness()).checks['hindrance']).toMatch(reason);
    expect(platform.heartbeats.at(-1)).toMatchObject({
      status: 'error',
      detail: expect.stringMatching(reason) as string,
    });
  });
  expect(platform.logLines).toContainEqual(
    expect.objectContaining({ level: 'error', reason: expect.stringMatching(reason) as string }),
  );
}

const untilUnblocked = () =>
  eventually(async () => expect((await platform.getReadiness()).checks).not.toHaveProperty('hindrance'));

async function startAndProject(position: number) {
  await platform.monitoring.publish(...rules(position));
  await platform.start();
  await platform.waitForPosition(position);
}

const expectRuleCount = async (count: number) => {
  const { data } = await platform.query('{ rules { totalCount } }');
  expect(data).toEqual({ rules: { totalCount: count } });
};

describe('a projector with a foreign or inconsistent log', () => {
  it('is blocked and reports why if monitoring has another log at start, until the right log is back', async () => {
    await startAndProject(3);
    await platform.stop();
    const right = platform.monitoring.entries;
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = buildLog(rules(5), 'log-2');
    await platform.start();
    await untilBlocked(
      /holds log log-1 up to position 3, but monitoring's log is log-2; .* remove .*reports\.sqlite/,
    );
    await expectRuleCount(3);
    platform.monitoring.logId = 'log-1';
    platform.monitoring.entries = right;
    await untilUnblocked();
    await platform.monitoring.publish(...rules(1, 3));
    await platform.waitForPosition(4);
  });

  it('is blocked and reports why if the log was replaced by a shorter one while the projector ran', async () => {
    await startAndProject(3);
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = [];
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.monitoring.publish(...rules(1, 100));
    await untilBlocked(/monitoring's log is log-2/);
    await expectRuleCount(3);
  });

  it('is blocked and reports why if the stream holds entries of another log, until they are removed', async () => {
    await startAndProject(2);
    const foreign = buildLog(rules(4, 50), 'log-0');
    platform.monitoring.appendToLog(...rules(2, 2));
    await platform.monitoring.addToStream(foreign[2]!);
    await untilBlocked(
      /at position 3 an entry of another log, log-0; remove the stream \(redis-cli DEL seguridad:log\)/,
    );
    await expectRuleCount(2);
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.monitoring.addToStream(...platform.monitoring.entries);
    await platform.waitForPosition(4);
    await untilUnblocked();
    await expectRuleCount(4);
  });

  it('is blocked and reports why if a new read model finds the stream of an older log', async () => {
    await platform.monitoring.addToStream(...buildLog(rules(2, 50), 'log-0'));
    await platform.start();
    await untilBlocked(/the Redis stream continues to position 2, but monitoring's log ends at 0/);
    platform.monitoring.appendToLog(...rules(4));
    await untilBlocked(/at position 1 an entry of another log, log-0/);
    await expectRuleCount(0);
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.monitoring.addToStream(...platform.monitoring.entries);
    await platform.waitForPosition(4);
    expect((await platform.query('{ rules { nodes { id } } }')).data).toMatchObject({
      rules: { nodes: [{ id: 'r3' }, { id: 'r2' }, { id: 'r1' }, { id: 'r0' }] },
    });
  });

  it('is blocked and reports why if the stream is ahead of the log', async () => {
    await startAndProject(2);
    const [ahead] = buildLog(rules(9)).slice(8);
    await platform.monitoring.addToStream(ahead!);
    await untilBlocked(/continues to position 9, but monitoring's log ends at 2/);
    await expectRuleCount(2);
  });

  it('stays blocked by a foreign stream while the log cannot be read', async () => {
    await startAndProject(2);
    const foreign = buildLog(rules(4, 50), 'log-0');
    await platform.monitoring.stopServer();
    await platform.monitoring.addToStream(foreign[2]!);
    await untilBlocked(/another log, log-0, and monitoring's log cannot be read: .*ECONNREFUSED/);
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.monitoring.startServer();
    await untilUnblocked();
  });

  it('does not trust a foreign stream only because the log cannot be read any more', async () => {
    await startAndProject(3);
    await platform.stop();
    const [next] = platform.monitoring.appendToLog(...rules(1, 3));
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = [];
    await platform.start();
    await untilBlocked(/log-2/);
    await platform.monitoring.stopServer();
    await platform.monitoring.addToStream(next!);
    const { length } = platform.heartbeats;
    await eventually(() => expect(platform.heartbeats.length).toBeGreaterThan(length + 6));
    await expectRuleCount(3);
    await untilBlocked(/log-2/);
  });

  it('logs one line while it is blocked, not one at each attempt', async () => {
    await startAndProject(1);
    await platform.stop();
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = [];
    await platform.start();
    await untilBlocked(/log-2/);
    const { requestCount } = platform.monitoring;
    await eventually(() => expect(platform.monitoring.requestCount).toBeGreaterThan(requestCount + 2));
    expect(platform.logLines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});
