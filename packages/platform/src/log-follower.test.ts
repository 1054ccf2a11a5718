import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { FollowerProblemError } from './log-follower.js';
import { eventually, recordLogs } from './testing/index.js';
import {
  createEntries,
  createLogFollowerWorld,
  listPositions,
  toLiveEntry,
  type TestEntry,
} from './testing/log-follower-world.js';

describe('a log follower', () => {
  test('reads the log page by page from its checkpoint, then follows live entries', async () => {
    const world = createLogFollowerWorld();
    world.append(8);
    world.checkpoint = { logId: 'log-1', position: 2 };
    world.start();
    await world.untilAt(8);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    const { pagesRead } = world;
    world.publish(2);
    await world.untilAt(10);
    expect(world.applied).toStrictEqual(listPositions(10, 3));
    expect(world.pagesRead).toBe(pagesRead);
    expect(world.follower.lag).toBe(0);
  });

  test('starts at the end of the log without a checkpoint', async () => {
    const world = createLogFollowerWorld({ loadCheckpoint: undefined });
    world.append(8);
    world.start();
    await eventually(() => expect(world.follower.checkpoint).toStrictEqual({ logId: 'log-1', position: 8 }));
    world.publish(1);
    await world.untilAt(9);
    expect(world.applied).toStrictEqual([9]);
  });

  test('applies an entry once that arrives live while a page with it is read', async () => {
    const world = createLogFollowerWorld();
    world.append(2);
    world.start();
    world.publish(3);
    await world.untilAt(5);
    world.publish(1);
    await world.untilAt(6);
    expect(world.applied).toStrictEqual(listPositions(6));
  });

  test('keeps live entries that are newer than the page that was read meanwhile', async () => {
    const readPage = vi.fn(async () => {
      // The page is older than the entries that arrive before its response.
      const page = { logId: 'log-1', head: 2, entries: createEntries(1, 2), upTo: 2 };
      await setImmediate();
      return page;
    });
    const world = createLogFollowerWorld({ readPage });
    world.start();
    world.publish(4);
    await world.untilAt(4);
    expect(world.applied).toStrictEqual(listPositions(4));
    expect(readPage).toHaveBeenCalledOnce();
  });

  test('does not apply a repeated entry again that arrives together with a gap', async () => {
    const world = createLogFollowerWorld();
    world.start();
    world.publish(3);
    await world.untilAt(3);
    world.append(1);
    const [gap] = world.append(1);
    for (const entry of [gap!, world.entries[0]!]) world.inbox.push(toLiveEntry(entry));
    await world.untilAt(5);
    expect(world.applied).toStrictEqual(listPositions(5));
  });

  test('adopts the id of the log before the first entry', async () => {
    const world = createLogFollowerWorld();
    world.start();
    await eventually(() => expect(world.checkpoint).toStrictEqual({ logId: 'log-1', position: 0 }));
    expect(world.applied).toStrictEqual([]);
  });

  test('reads the log if a live entry was lost, and skips repeated entries', async () => {
    const world = createLogFollowerWorld();
    world.start();
    world.publish(2);
    await world.untilAt(2);
    world.append(5);
    world.publish(1);
    await world.untilAt(8);
    const { pagesRead } = world;
    world.inbox.push(toLiveEntry(world.entries[7]!));
    world.inbox.push(toLiveEntry(world.entries[0]!));
    world.publish(1);
    await world.untilAt(9);
    expect(world.applied).toStrictEqual(listPositions(9));
    expect(world.pagesRead).toBe(pagesRead);
  });

  test('reads the log at an interval, so that a lost last entry is found', async () => {
    const timing = { checkIntervalMs: 10, unavailableRetryMs: 5, retryMs: 1, maxRetryMs: 4 };
    const world = createLogFollowerWorld({ timing });
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.append(1);
    await world.untilAt(2);
  });

  test('follows live entries without a gap while the log cannot be read', async () => {
    const world = createLogFollowerWorld();
    world.isLogAway = true;
    world.start();
    world.publish(3);
    await world.untilAt(3);
    expect(world.follower.problem).toBeUndefined();
  });

  test('does not continue from an old checkpoint after a restart', async () => {
    const world = createLogFollowerWorld({
      apply(entries, checkpoint) {
        world.applied.push(...entries.map(({ position }) => position));
        world.checkpoint = checkpoint;
        if (world.applied.length !== 6) return;
        // As Redis does when it comes back without what it had accepted.
        world.checkpoint = { logId: 'log-1', position: 1 };
        world.follower.restart();
      },
    });
    world.append(9);
    world.start();
    await world.untilAt(9);
    expect(world.applied).toStrictEqual([...listPositions(6), ...listPositions(9, 2)]);
  });

  test('has not caught up while a restart interrupts the backfill', async () => {
    const world = createLogFollowerWorld({
      apply(entries, checkpoint) {
        world.applied.push(...entries.map(({ position }) => position));
        world.checkpoint = checkpoint;
        if (world.applied.length === 3) world.follower.restart();
      },
    });
    world.append(9);
    world.start();
    await world.untilAt(9);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    expect(world.hadCaughtUp).toStrictEqual([false, false, false]);
    expect(world.applied).toStrictEqual(listPositions(9));
  });

  test('has not caught up before it reads the log after it was blocked', async () => {
    const loadCheckpoint = vi
      .fn()
      .mockRejectedValueOnce(new FollowerProblemError('blocked', 'the checkpoint is unknown'))
      .mockImplementation(() => Promise.resolve(world.checkpoint));
    const world = createLogFollowerWorld({ loadCheckpoint });
    world.append(2);
    world.start();
    await world.untilAt(2);
    expect(world.hadCaughtUp).toStrictEqual([false, false]);
  });
});

describe('a log follower whose live source is a stream', () => {
  test('reads one page of the log at the start and after a restart, then the stream', async () => {
    const world = createLogFollowerWorld({}, 'stream');
    world.publish(8);
    world.start();
    await world.untilAt(8);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    expect(world.pagesRead).toBe(1);
    world.follower.restart();
    world.publish(8);
    await world.untilAt(16);
    expect(world.pagesRead).toBe(2);
    expect(world.applied).toStrictEqual(listPositions(16));
    expect(world.follower.lag).toBe(0);
  });

  test('reads the log up to the first entry on the stream', async () => {
    const world = createLogFollowerWorld({}, 'stream');
    world.append(5);
    world.publish(7);
    world.start();
    await world.untilAt(12);
    expect(world.pagesRead).toBe(2);
    expect(world.applied).toStrictEqual(listPositions(12));
  });

  test('reads the whole log while the stream is empty', async () => {
    const world = createLogFollowerWorld({}, 'stream');
    world.append(8);
    world.start();
    await world.untilAt(8);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    expect(world.hadCaughtUp).toStrictEqual([false, false, false]);
  });

  test('does not check the log at an interval while entries arrive', async () => {
    const timing = { checkIntervalMs: 5, unavailableRetryMs: 5, retryMs: 1, maxRetryMs: 4 };
    let pagesRead = 0;
    const world = createLogFollowerWorld({
      timing,
      live: {
        kind: 'stream',
        async read(after = 0) {
          if (world.entries.length < 30) {
            world.append(1);
            pagesRead = world.pagesRead;
          }
          await delay(1);
          return { entries: world.entries.filter(({ position }) => position > after).map(toLiveEntry) };
        },
      },
    });
    world.start();
    await world.untilAt(30);
    expect(pagesRead).toBe(1);
    await eventually(() => expect(world.pagesRead).toBeGreaterThan(1));
  });

  test('logs how many entries it read from the log to fill a gap', async () => {
    const { logger, lines } = recordLogs();
    const world = createLogFollowerWorld({ logger }, 'stream');
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.append(2);
    world.publish(1);
    await world.untilAt(4);
    expect(lines.filter(({ level }) => level === 'info')).toMatchObject([
      { follower: 'reader', reason: 'entries 2 to 3 are not on the channel', entries: 3 },
    ]);
  });
});

test('every entry is applied once and in order, whatever the live source and the log do', async () => {
  const action = fc.record({
    fate: fc.constantFrom('delivered', 'lost', 'repeated', 'late'),
    isLogAway: fc.boolean(),
    isRestart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    pauses: fc.nat(3),
  });
  const liveKinds = fc.constantFrom('inbox' as const, 'stream' as const);
  await fc.assert(
    fc.asyncProperty(
      liveKinds,
      fc.nat(5),
      fc.array(action, { maxLength: 40 }),
      async (kind, start, actions) => {
        const world = createLogFollowerWorld({}, kind);
        const live = world[kind];
        world.append(start);
        world.start();
        const late: TestEntry[] = [];
        for (const { fate, isLogAway, isRestart, pauses } of actions) {
          world.isLogAway = isLogAway;
          const [entry] = world.append(1);
          if (fate === 'late') late.push(entry!);
          if (fate === 'delivered' || fate === 'repeated') live.push(toLiveEntry(entry!));
          if (fate === 'repeated')
            for (const each of [entry!, ...late.splice(0)]) live.push(toLiveEntry(each));
          if (isRestart) world.follower.restart();
          for (let n = 0; n < pauses; n += 1) await setImmediate();
        }
        world.isLogAway = false;
        world.follower.restart();
        world.inbox.requestBackfill();
        await world.untilAt(start + actions.length);
        await world.stop();
        expect(world.applied).toStrictEqual(listPositions(start + actions.length));
        expect(world.follower.problem?.kind).not.toBe('blocked');
      },
    ),
    { numRuns: 60 },
  );
});
