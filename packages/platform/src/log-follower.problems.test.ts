import { describe, expect, test, vi } from 'vitest';
import { createLiveInbox, type LogCheckpoint } from './live-source.js';
import { FollowerProblemError } from './log-follower.js';
import { RedisReplyError } from './redis-connections.js';
import { eventually, recordLogs } from './testing/index.js';
import {
  createEntries,
  createLogFollowerWorld,
  listPositions,
  toLiveEntry,
  type TestEntry,
} from './testing/log-follower-world.js';

describe('a log follower with a problem', () => {
  test('waits at a gap while the log cannot be read, and reports the gap', async () => {
    const world = createLogFollowerWorld({}, 'stream');
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.isLogAway = true;
    world.append(2);
    world.publish(1);
    const reason = 'entries 2 to 3 are not on the channel, and the log cannot be read: away';
    await eventually(() => expect(world.follower.problem).toStrictEqual({ kind: 'waiting', reason }));
    world.isLogAway = false;
    await world.untilAt(4);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
    expect(world.applied).toStrictEqual(listPositions(4));
  });

  test('applies live entries unverified at a gap if it is allowed to, without moving the checkpoint', async () => {
    const unverified: number[] = [];
    const applyUnverified = (entries: readonly TestEntry[]) =>
      void unverified.push(...entries.map(({ position }) => position));
    const world = createLogFollowerWorld({ applyUnverified });
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.isLogAway = true;
    world.append(2);
    world.publish(1);
    await eventually(() => expect(unverified).toStrictEqual([4]));
    expect(world.checkpoint.position).toBe(1);
    world.isLogAway = false;
    await world.untilAt(4);
    expect(world.applied).toStrictEqual(listPositions(4));
  });

  test('treats a page without the next entry as an unreadable log', async () => {
    const world = createLogFollowerWorld({}, 'stream');
    world.entries = createEntries(1, 4);
    world.pageSize = 0;
    world.start();
    world.stream.push(toLiveEntry(world.entries[3]!));
    await eventually(() =>
      expect(world.follower.problem?.reason).toMatch(/cannot be read: it returned no entry after position 0/),
    );
    world.pageSize = 3;
    await world.untilAt(4);
  });

  test('loads the checkpoint again after a failed apply, and loses nothing', async () => {
    const apply = vi.fn((entries: readonly TestEntry[], checkpoint: LogCheckpoint) => {
      const isFailing = apply.mock.calls.length === 3;
      // A part is stored before it fails.
      const stored = isFailing ? entries.slice(0, 1) : entries;
      world.applied.push(...stored.map(({ position }) => position));
      world.checkpoint = { ...checkpoint, position: stored.at(-1)?.position ?? checkpoint.position };
      if (isFailing) throw new Error('disk full');
    });
    const { logger, lines } = recordLogs();
    const world = createLogFollowerWorld({ apply, logger });
    world.append(7);
    world.start();
    await world.untilAt(7);
    expect(world.applied).toStrictEqual(listPositions(7));
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('applies unverified entries in log order', async () => {
    const unverified: number[] = [];
    const applyUnverified = (entries: readonly TestEntry[]) =>
      void unverified.push(...entries.map(({ position }) => position));
    const world = createLogFollowerWorld({ applyUnverified });
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.isLogAway = true;
    const [, second, third] = world.append(3);
    for (const entry of [third!, second!]) world.inbox.push(toLiveEntry(entry));
    await eventually(() => expect(unverified).toStrictEqual([3, 4]));
  });

  test('logs an error that repeats once, with its stack', async () => {
    const { logger, lines } = recordLogs();
    const apply = vi.fn(() => {
      throw new Error('disk full');
    });
    const world = createLogFollowerWorld({ apply, logger });
    world.append(1);
    world.start();
    await eventually(() => expect(apply.mock.calls.length).toBeGreaterThan(3));
    const problems = lines.filter(({ level }) => level === 'error' || level === 'warn');
    expect(problems).toMatchObject([{ level: 'error', err: { message: 'disk full' } }]);
  });
});

describe('a log follower whose live source is Redis', () => {
  test('logs a missing reply as a warning without a stack, and continues', async () => {
    const { logger, lines } = recordLogs();
    const live = createLiveInbox<TestEntry>();
    const read = vi
      .fn<typeof live.read>((...args) => live.read(...args))
      .mockRejectedValueOnce(new RedisReplyError('Redis did not reply within 4000 ms'));
    const world = createLogFollowerWorld({ logger, live: { ...live, read } });
    world.append(2);
    world.start();
    await world.untilAt(2);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
    const problems = lines.filter(({ level }) => level === 'error' || level === 'warn');
    expect(problems).toMatchObject([
      { level: 'warn', reason: expect.stringContaining('Redis did not reply within 4000 ms') as string },
    ]);
    expect(problems[0]).not.toHaveProperty('err');
  });
});

describe('a log follower whose live source only notifies', () => {
  test('reports that it waits while the log cannot be read', async () => {
    const { logger, lines } = recordLogs();
    const world = createLogFollowerWorld({
      logger,
      live: { ...createLiveInbox<TestEntry>(), kind: 'notifications' },
    });
    world.append(2);
    world.isLogAway = true;
    world.start();
    const problem = { kind: 'waiting', reason: 'the log cannot be read: away' };
    await eventually(() => expect(world.follower.problem).toStrictEqual(problem));
    await eventually(() => expect(world.pagesRead).toBeGreaterThan(3));
    expect(world.follower.hasCaughtUp).toBe(false);
    expect(lines).toMatchObject([{ level: 'warn', reason: problem.reason }]);
    world.isLogAway = false;
    await world.untilAt(2);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
  });
});

describe('a log follower is blocked, and applies nothing,', () => {
  test('while the log is another one, and continues when the right one is back', async () => {
    const { logger, lines } = recordLogs();
    const onProblem = vi.fn();
    const world = createLogFollowerWorld({ logger, onProblem });
    world.start();
    world.publish(3);
    await world.untilAt(3);
    const right = world.entries;
    world.logId = 'log-2';
    world.entries = createEntries(1, 9, 'log-2');
    world.inbox.requestBackfill();
    const reason = 'the reader holds log log-1 up to position 3, but the log is log-2';
    await eventually(() => expect(world.follower.problem).toStrictEqual({ kind: 'blocked', reason }));
    const { pagesRead } = world;
    await eventually(() => expect(world.pagesRead).toBeGreaterThan(pagesRead + 3));
    expect(world.pageLimits.at(-1)).toBe(1);
    expect(world.applied).toStrictEqual(listPositions(3));
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    world.logId = 'log-1';
    world.entries = right;
    world.append(1);
    await world.untilAt(4);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
    expect(onProblem.mock.calls).toStrictEqual([[{ kind: 'blocked', reason }], [undefined]]);
  });

  test('while the log ends before the checkpoint', async () => {
    const world = createLogFollowerWorld();
    world.append(2);
    world.checkpoint = { logId: 'log-1', position: 3 };
    world.start();
    await eventually(() =>
      expect(world.follower.problem?.reason).toMatch(
        /up to position 3, but the log ends at 2: it was restored/,
      ),
    );
    expect(world.applied).toStrictEqual([]);
  });

  test('while the live source is ahead of the log', async () => {
    let liveEnd = 5;
    const inbox = createLiveInbox<TestEntry>();
    const world = createLogFollowerWorld({
      live: { ...inbox, lastPosition: () => Promise.resolve(liveEnd) },
    });
    world.append(2);
    world.start();
    const reason = 'the channel continues to position 5, but the log ends at 2';
    await eventually(() => expect(world.follower.problem).toStrictEqual({ kind: 'blocked', reason }));
    expect(world.applied).toStrictEqual([]);
    liveEnd = 2;
    await world.untilAt(2);
  });

  test.each([[false], [true]])('at a live entry of another log; the log is away: %s', async (isLogAway) => {
    const world = createLogFollowerWorld({}, 'stream');
    world.start();
    world.publish(2);
    await world.untilAt(2);
    world.isLogAway = isLogAway;
    const [foreign] = createEntries(3, 3, 'log-0');
    world.stream.push(toLiveEntry(foreign!));
    await eventually(() =>
      expect(world.follower.problem).toMatchObject({
        kind: 'blocked',
        reason: expect.stringMatching(
          /^the channel holds at position 3 an entry of another log, log-0/,
        ) as string,
      }),
    );
    expect(world.applied).toStrictEqual([1, 2]);
    // The right entries, too, are applied only after the foreign one is gone.
    world.isLogAway = false;
    world.append(2);
    const { pagesRead } = world;
    await eventually(() => expect(world.pagesRead).toBeGreaterThan(pagesRead + 1));
    expect(world.applied).toStrictEqual([1, 2]);
    world.stream.entries = [];
    await world.untilAt(4);
  });

  test('at an unreadable live entry that the log does not have either', async () => {
    const world = createLogFollowerWorld({}, 'stream');
    world.start();
    world.publish(2);
    await world.untilAt(2);
    world.stream.push({ position: undefined, previous: undefined, entry: undefined });
    await eventually(() =>
      expect(world.follower.problem).toMatchObject({
        kind: 'blocked',
        reason: 'the entry after position 2 on the channel cannot be read, and the log ends at 2',
      }),
    );
  });

  test('if its checkpoint cannot be determined', async () => {
    const loadCheckpoint = vi
      .fn()
      .mockRejectedValue(new FollowerProblemError('blocked', 'the checkpoint is unknown'));
    const world = createLogFollowerWorld({ loadCheckpoint });
    world.append(2);
    world.start();
    const problem = { kind: 'blocked', reason: 'the checkpoint is unknown' };
    await eventually(() => expect(world.follower.problem).toStrictEqual(problem));
    loadCheckpoint.mockResolvedValue({ logId: null, position: 0 });
    await world.untilAt(2);
  });
});
