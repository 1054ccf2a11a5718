import { LOG_STREAM } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { created, logOf } from '../testing/entries.js';
import { startPlatform, type TestPlatform } from '../testing/platform.js';

let platform: TestPlatform;
beforeEach(async () => void (platform = await startPlatform()));
afterEach(() => platform.close());

const rules = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => created({ id: `r${from + i}` }));

/** Resolves when readiness, heartbeats and log all report the reason. */
async function untilBlocked(reason: RegExp) {
  await eventually(async () => {
    expect((await platform.ready()).checks['hindrance']).toMatch(reason);
    expect(platform.beats.at(-1)).toMatchObject({
      status: 'error',
      detail: expect.stringMatching(reason) as string,
    });
  });
  expect(platform.lines).toContainEqual(
    expect.objectContaining({ level: 'error', reason: expect.stringMatching(reason) as string }),
  );
}

const untilUnblocked = () =>
  eventually(async () => expect((await platform.ready()).checks).not.toHaveProperty('hindrance'));

async function startAndProject(position: number) {
  await platform.monitoring.happen(...rules(position));
  await platform.start();
  await platform.untilAt(position);
}

const expectRuleCount = async (count: number) => {
  const { data } = await platform.ask('{ rules { totalCount } }');
  expect(data).toEqual({ rules: { totalCount: count } });
};

describe('the projector is blocked, and reports why,', () => {
  it('if monitoring has another log at start, until the right log is back', async () => {
    await startAndProject(3);
    await platform.stop();
    const right = platform.monitoring.entries;
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = logOf(rules(5), 'log-2');
    await platform.start();
    await untilBlocked(
      /holds log log-1 up to position 3, but monitoring's log is log-2; .* remove .*reports\.sqlite/,
    );
    await expectRuleCount(3);
    platform.monitoring.logId = 'log-1';
    platform.monitoring.entries = right;
    await untilUnblocked();
    await platform.monitoring.happen(...rules(1, 3));
    await platform.untilAt(4);
  });

  it('if the log was replaced by a shorter one while the projector ran', async () => {
    await startAndProject(3);
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = [];
    await platform.client.del(LOG_STREAM);
    await platform.monitoring.happen(...rules(1, 100));
    await untilBlocked(/monitoring's log is log-2/);
    await expectRuleCount(3);
  });

  it('if the log ends before the checkpoint', async () => {
    await startAndProject(3);
    await platform.stop();
    platform.monitoring.entries = platform.monitoring.entries.slice(0, 2);
    await platform.start();
    await untilBlocked(
      /up to position 3, but monitoring's log ends at 2: it was restored from an older state/,
    );
    await expectRuleCount(3);
  });

  it('if the stream holds entries of another log, until they are removed', async () => {
    await startAndProject(2);
    const foreign = logOf(rules(4, 50), 'log-0');
    platform.monitoring.append(...rules(2, 2));
    await platform.monitoring.relay(foreign[2]!);
    await untilBlocked(
      /at position 3 an entry of another log, log-0; remove the stream \(redis-cli DEL seguridad:log\)/,
    );
    await expectRuleCount(2);
    await platform.client.del(LOG_STREAM);
    await platform.monitoring.relay(...platform.monitoring.entries);
    await platform.untilAt(4);
    await untilUnblocked();
    await expectRuleCount(4);
  });

  it('if a new read model finds the stream of an older log', async () => {
    await platform.monitoring.relay(...logOf(rules(2, 50), 'log-0'));
    await platform.start();
    await untilBlocked(/the Redis stream goes on to position 2, but monitoring's log ends at 0/);
    platform.monitoring.append(...rules(4));
    await untilBlocked(/at position 1 an entry of another log, log-0/);
    await expectRuleCount(0);
    await platform.client.del(LOG_STREAM);
    await platform.monitoring.relay(...platform.monitoring.entries);
    await platform.untilAt(4);
    expect((await platform.ask('{ rules { nodes { id } } }')).data).toMatchObject({
      rules: { nodes: [{ id: 'r3' }, { id: 'r2' }, { id: 'r1' }, { id: 'r0' }] },
    });
  });

  it('if the stream is ahead of the log', async () => {
    await startAndProject(2);
    const [ahead] = logOf(rules(9)).slice(8);
    await platform.monitoring.relay(ahead!);
    await untilBlocked(/goes on to position 9, but monitoring's log ends at 2/);
    await expectRuleCount(2);
  });

  it('and remains blocked by a foreign stream while the log cannot be read', async () => {
    await startAndProject(2);
    const foreign = logOf(rules(4, 50), 'log-0');
    await platform.monitoring.goAway();
    await platform.monitoring.relay(foreign[2]!);
    await untilBlocked(/another log, log-0, and monitoring's log cannot be read: .*ECONNREFUSED/);
    await platform.client.del(LOG_STREAM);
    await platform.monitoring.comeBack();
    await untilUnblocked();
  });

  it('and does not trust the stream only because the log cannot be read any more', async () => {
    await startAndProject(3);
    await platform.stop();
    const [next] = platform.monitoring.append(...rules(1, 3));
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = [];
    await platform.start();
    await untilBlocked(/log-2/);
    await platform.monitoring.goAway();
    await platform.monitoring.relay(next!);
    const { length } = platform.beats;
    await eventually(() => expect(platform.beats.length).toBeGreaterThan(length + 6));
    await expectRuleCount(3);
    await untilBlocked(/log-2/);
  });

  it('with one log line, not one at each attempt', async () => {
    await startAndProject(1);
    await platform.stop();
    platform.monitoring.logId = 'log-2';
    platform.monitoring.entries = [];
    await platform.start();
    await untilBlocked(/log-2/);
    const { asked } = platform.monitoring;
    await eventually(() => expect(platform.monitoring.asked).toBeGreaterThan(asked + 2));
    expect(platform.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});
