import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { createLiveInbox, type LiveEntry, type LiveSource, type LogCheckpoint } from '../live-source.js';
import { createLogFollower, type LogFollower, type LogFollowerOptions } from '../log-follower.js';
import { createLogger } from '../logger.js';
import { eventually } from './test-helpers.js';

/** An entry of the log in memory. */
export interface TestEntry {
  readonly position: number;
  readonly logId: string;
}

export const createEntries = (from: number, to: number, logId = 'log-1'): TestEntry[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ position: from + index, logId }));

/** The positions of a log from `from` to `to`. */
export const listPositions = (to: number, from = 1): number[] =>
  createEntries(from, to).map(({ position }) => position);

/** The form in which a live source delivers an entry. */
export const toLiveEntry = (entry: TestEntry): LiveEntry<TestEntry> => ({
  position: entry.position,
  previous: entry.position - 1,
  logId: entry.logId,
  entry,
});

/** A live source that keeps its entries, as a Redis Stream does. */
function createTestStream(): LiveSource<TestEntry> & {
  entries: LiveEntry<TestEntry>[];
  push(entry: LiveEntry<TestEntry>): void;
} {
  const stream = {
    kind: 'stream' as const,
    entries: [] as LiveEntry<TestEntry>[],
    push: (entry: LiveEntry<TestEntry>) => void stream.entries.push(entry),
    async read(after = 0, waitMs: number, signal: AbortSignal) {
      const find = () => stream.entries.filter(({ position = Infinity }) => position > after);
      if (find().length === 0 && waitMs > 0)
        await delay(Math.min(waitMs, 2), undefined, { signal }).catch(() => undefined);
      return { entries: find() };
    },
  };
  return stream;
}

/**
 * Creates a follower of a log in memory, whose checkpoint is stored with what it applies. A test changes the log, its live
 * source and the options, and observes what the follower applies.
 */
export function createLogFollowerWorld(
  overrides: Partial<LogFollowerOptions<TestEntry>> = {},
  liveKind: 'inbox' | 'stream' = 'inbox',
) {
  const world = {
    logId: 'log-1',
    formerLogIds: [] as string[],
    /** The marks of entries, by position. */
    marks: new Map<number, string>(),
    entries: [] as TestEntry[],
    pageSize: 3,
    isLogAway: false,
    pagesRead: 0,
    /** The size limit of each page that was requested. */
    pageLimits: [] as number[],
    /** `hasCaughtUp` of the follower at each request for a page. */
    hadCaughtUp: [] as boolean[],
    checkpoint: { logId: null, position: 0 } as LogCheckpoint,
    applied: [] as number[],
    inbox: createLiveInbox<TestEntry>(),
    stream: createTestStream(),
    abort: new AbortController(),
    follower: undefined as unknown as LogFollower,
    done: Promise.resolve(),
    /** Adds entries to the log alone. */
    append(count: number) {
      const head = world.entries.at(-1)?.position ?? 0;
      const added = createEntries(head + 1, head + count, world.logId);
      world.entries = [...world.entries, ...added];
      return added;
    },
    /** Adds entries to the log and delivers them live. */
    publish(count: number) {
      for (const entry of world.append(count)) {
        world.inbox.push(toLiveEntry(entry));
        world.stream.push(toLiveEntry(entry));
      }
    },
    /** Runs the follower until `stop` or the end of the test. */
    start() {
      world.done = world.follower.run(world.abort.signal);
      onTestFinished(() => world.stop());
    },
    async stop() {
      world.abort.abort();
      await world.done;
    },
    untilAt: (position: number) => eventually(() => expect(world.checkpoint.position).toBe(position)),
  };
  world.follower = createLogFollower<TestEntry>({
    loadCheckpoint: () => Promise.resolve(world.checkpoint),
    async readPage(after = world.entries.length, _signal, maxEntries = world.pageSize) {
      await setImmediate();
      world.pagesRead += 1;
      world.pageLimits.push(maxEntries);
      world.hadCaughtUp.push(world.follower.hasCaughtUp);
      if (world.isLogAway) throw new Error('away');
      const entries = world.entries.filter(({ position }) => position > after).slice(0, maxEntries);
      const head = world.entries.at(-1)?.position ?? 0;
      const { logId, formerLogIds, marks } = world;
      const upTo = entries.at(-1)?.position ?? after;
      const markAfter = marks.get(after);
      return { logId, formerLogIds, markAfter, head, entries, upTo, markUpTo: marks.get(upTo) };
    },
    live: world[liveKind],
    apply(entries, checkpoint) {
      world.applied.push(...entries.map(({ position }) => position));
      world.checkpoint = checkpoint;
    },
    names: { follower: 'reader', checkpoint: 'the reader', log: 'the log', live: 'the channel' },
    timing: { checkIntervalMs: Infinity, unavailableRetryMs: 5, retryMs: 1, maxRetryMs: 4 },
    logger: createLogger('test', 'silent'),
    ...overrides,
  });
  return world;
}
