import { describe, expect, test, vi } from 'vitest';
import type { LogEpoch } from './log-follower.js';
import {
  createEntries,
  createLogFollowerWorld,
  listPositions,
  toLiveEntry,
} from './testing/log-follower-world.js';
import { eventually } from './testing/test-helpers.js';

/** A follower at position 3 of log-1, of which the reader knows the mark. */
function createReaderAt3(liveKind: 'inbox' | 'stream' = 'inbox') {
  const epochs: LogEpoch[] = [];
  const world = createLogFollowerWorld(
    {
      async startEpoch(epoch) {
        epochs.push(epoch);
        world.checkpoint = epoch.hasCheckpoint
          ? { ...world.checkpoint, logId: epoch.logId }
          : { logId: epoch.logId, position: 0 };
        if (!epoch.hasCheckpoint) world.applied.length = 0;
        await Promise.resolve();
      },
    },
    liveKind,
  );
  world.marks.set(3, 'a');
  world.append(3);
  world.checkpoint = { logId: 'log-1', position: 3, mark: 'a' };
  return { world, epochs };
}

describe('a log follower whose log was compacted', () => {
  /** A log of 9 entries that is compacted up to 6. Its snapshot has the entries 2 and 4. */
  function createCompactedWorld(position: number, liveKind: 'inbox' | 'stream') {
    const epochs: LogEpoch[] = [];
    const snapshot = createEntries(1, 6).filter((entry) => entry.position === 2 || entry.position === 4);
    let part: number | undefined;
    const world = createLogFollowerWorld(
      {
        async startEpoch(epoch) {
          epochs.push(epoch);
          world.checkpoint = { logId: epoch.logId, position: 0 };
          world.applied.length = 0;
          await Promise.resolve();
        },
        readPage: async (after = 9) => {
          await Promise.resolve();
          const { logId } = world;
          if (after >= 6) {
            const entries = createEntries(after + 1, 9);
            return { logId, head: 9, entries, upTo: 9 };
          }
          if (after > 0 && after !== part)
            return { logId, head: 9, snapshotUpTo: 6, isCompacted: true, entries: [], upTo: after };
          const [entry] = snapshot.filter((each) => each.position > after);
          part = entry?.position ?? 6;
          return { logId, head: 9, snapshotUpTo: 6, entries: entry ? [entry] : [], upTo: part };
        },
      },
      liveKind,
    );
    world.checkpoint = { logId: 'log-1', position, mark: 'a' };
    // The stream still has entries from before the horizon.
    for (const entry of createEntries(position + 1, 9)) world[liveKind].push(toLiveEntry(entry));
    return { world, epochs };
  }

  test.each(['inbox', 'stream'] as const)('starts again at the snapshot (%s)', async (liveKind) => {
    const { world, epochs } = createCompactedWorld(3, liveKind);
    world.start();
    await world.untilAt(9);
    expect(epochs).toStrictEqual([{ logId: 'log-1', head: 9, hasCheckpoint: false }]);
    expect(world.applied).toStrictEqual([2, 4, 7, 8, 9]);
  });

  test('reads the snapshot whole before live entries', async () => {
    const { world, epochs } = createCompactedWorld(0, 'stream');
    world.start();
    await world.untilAt(9);
    expect(world.applied).toStrictEqual([2, 4, 7, 8, 9]);
    expect(epochs).toStrictEqual([]);
  });

  test('goes on at the horizon as always', async () => {
    const { world, epochs } = createCompactedWorld(6, 'stream');
    world.start();
    await world.untilAt(9);
    expect(world.applied).toStrictEqual([7, 8, 9]);
    expect(epochs).toStrictEqual([]);
  });
});

describe('a log follower whose log was restored', () => {
  test('starts again if the log with its id ends before the checkpoint', async () => {
    const { world, epochs } = createReaderAt3();
    world.entries = createEntries(1, 2);
    world.start();
    await world.untilAt(2);
    expect(world.applied).toStrictEqual(listPositions(2));
    expect(epochs).toStrictEqual([{ logId: 'log-1', head: 2, hasCheckpoint: false }]);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
  });

  test('starts again if the entry at the checkpoint is another one, although the log is longer', async () => {
    const { world, epochs } = createReaderAt3();
    world.append(5);
    world.marks.set(3, 'b');
    world.start();
    await world.untilAt(8);
    expect(world.applied).toStrictEqual(listPositions(8));
    expect(epochs).toHaveLength(1);
  });

  test('starts again under the new log id if the log names the old one', async () => {
    const { world, epochs } = createReaderAt3();
    world.logId = 'log-2';
    world.formerLogIds = ['log-1'];
    world.entries = createEntries(1, 4, 'log-2');
    world.marks.set(3, 'b');
    world.start();
    await world.untilAt(4);
    expect(world.checkpoint.logId).toBe('log-2');
    expect(epochs).toStrictEqual([{ logId: 'log-2', head: 4, hasCheckpoint: false }]);
  });

  test('keeps what it has processed if the new epoch has the entry at the checkpoint', async () => {
    const { world, epochs } = createReaderAt3();
    world.logId = 'log-2';
    world.formerLogIds = ['log-1'];
    world.entries = createEntries(1, 5, 'log-2');
    world.start();
    await world.untilAt(5);
    expect(world.applied).toStrictEqual([4, 5]);
    expect(epochs).toStrictEqual([{ logId: 'log-2', head: 5, hasCheckpoint: true }]);
  });

  test('notices it at the first live entry of the new epoch', async () => {
    const { world, epochs } = createReaderAt3('stream');
    world.start();
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    world.logId = 'log-2';
    world.formerLogIds = ['log-1'];
    world.entries = createEntries(1, 4, 'log-2');
    world.marks.set(3, 'b');
    world.stream.push(toLiveEntry(world.entries[3]!));
    await world.untilAt(4);
    expect(world.applied).toStrictEqual(listPositions(4));
    expect(epochs).toHaveLength(1);
  });

  test('waits while the stream still has entries of the earlier epoch', async () => {
    const { world } = createReaderAt3('stream');
    world.checkpoint = { logId: null, position: 0 };
    world.logId = 'log-2';
    world.formerLogIds = ['log-1'];
    world.entries = createEntries(1, 2, 'log-2');
    world.pageSize = 1;
    world.stream.push(toLiveEntry(createEntries(2, 2)[0]!));
    world.start();
    await eventually(() =>
      expect(world.follower.problem).toStrictEqual({
        kind: 'waiting',
        reason:
          'the channel holds at position 2 an entry of another log, log-1, from before the log was restored',
      }),
    );
    world.stream.entries = [];
    await world.untilAt(2);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
  });

  test('is blocked if nothing shows that it was the same log', async () => {
    const { world, epochs } = createReaderAt3();
    world.logId = 'log-9';
    world.entries = createEntries(1, 4, 'log-9');
    world.marks.set(3, 'b');
    world.start();
    await eventually(() => expect(world.follower.problem?.kind).toBe('blocked'));
    expect(epochs).toStrictEqual([]);
  });

  test('tries again if the reader cannot start the epoch', async () => {
    const startEpoch = vi
      .fn<(epoch: LogEpoch) => Promise<void>>()
      .mockRejectedValueOnce(new Error('disk full'));
    const world = createLogFollowerWorld({
      startEpoch: async (epoch) => {
        await startEpoch(epoch);
        world.checkpoint = { logId: epoch.logId, position: 0 };
      },
    });
    world.append(2);
    world.checkpoint = { logId: 'log-1', position: 3 };
    world.start();
    await world.untilAt(2);
    expect(startEpoch).toHaveBeenCalledTimes(2);
  });
});
