import { getEventListeners } from 'node:events';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLiveInbox, type LiveEntry, type LiveSource, type LogCheckpoint } from './live-source.js';
import {
  createLogFollower,
  FollowerProblemError,
  type LogFollower,
  type LogFollowerOptions,
} from './log-follower.js';
import { createLogger } from './logger.js';
import { eventually, recordLogs } from './testing/index.js';

interface Entry {
  readonly position: number;
  readonly logId: string;
}

const toEntries = (from: number, to: number, logId = 'log-1'): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ position: from + index, logId }));

const toLive = (entry: Entry): LiveEntry<Entry> => ({
  position: entry.position,
  previous: entry.position - 1,
  logId: entry.logId,
  entry,
});

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

/** A live source that keeps its entries, as a Redis Stream does. */
function createTestStream(): LiveSource<Entry> & {
  entries: LiveEntry<Entry>[];
  push(entry: LiveEntry<Entry>): void;
} {
  const stream = {
    kind: 'stream' as const,
    entries: [] as LiveEntry<Entry>[],
    push: (entry: LiveEntry<Entry>) => void stream.entries.push(entry),
    async read(after = 0, waitMs: number, signal: AbortSignal) {
      const find = () => stream.entries.filter(({ position = Infinity }) => position > after);
      if (find().length === 0 && waitMs > 0)
        await delay(Math.min(waitMs, 2), undefined, { signal }).catch(() => undefined);
      return { entries: find() };
    },
  };
  return stream;
}

/** A follower of a log in memory, whose checkpoint is stored with what it applies. */
function createWorld(
  overrides: Partial<LogFollowerOptions<Entry>> = {},
  liveKind: 'inbox' | 'stream' = 'inbox',
) {
  const world = {
    logId: 'log-1',
    entries: [] as Entry[],
    pageSize: 3,
    isLogAway: false,
    pagesRead: 0,
    /** The size limit of each page that was requested. */
    pageLimits: [] as number[],
    /** `hasCaughtUp` of the follower at each request for a page. */
    hadCaughtUp: [] as boolean[],
    checkpoint: { logId: null, position: 0 } as LogCheckpoint,
    applied: [] as number[],
    inbox: createLiveInbox<Entry>(),
    stream: createTestStream(),
    abort: new AbortController(),
    follower: undefined as unknown as LogFollower,
    done: Promise.resolve(),
    /** Adds entries to the log alone. */
    append(count: number) {
      const head = world.entries.at(-1)?.position ?? 0;
      const added = toEntries(head + 1, head + count, world.logId);
      world.entries = [...world.entries, ...added];
      return added;
    },
    /** Adds entries to the log and delivers them live. */
    publish(count: number) {
      for (const entry of world.append(count)) {
        world.inbox.push(toLive(entry));
        world.stream.push(toLive(entry));
      }
    },
    start() {
      world.done = world.follower.run(world.abort.signal);
      stop = async () => {
        world.abort.abort();
        await world.done;
      };
    },
    untilAt: (position: number) => eventually(() => expect(world.checkpoint.position).toBe(position)),
  };
  world.follower = createLogFollower<Entry>({
    loadCheckpoint: () => Promise.resolve(world.checkpoint),
    async readPage(after = world.entries.length, _signal, maxEntries = world.pageSize) {
      await setImmediate();
      world.pagesRead += 1;
      world.pageLimits.push(maxEntries);
      world.hadCaughtUp.push(world.follower.hasCaughtUp);
      if (world.isLogAway) throw new Error('away');
      const entries = world.entries.filter(({ position }) => position > after).slice(0, maxEntries);
      const head = world.entries.at(-1)?.position ?? 0;
      return { logId: world.logId, head, entries, upTo: entries.at(-1)?.position ?? after };
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

const positions = (to: number, from = 1) => toEntries(from, to).map(({ position }) => position);

describe('a log follower', () => {
  test('reads the log page by page from its checkpoint, then follows live entries', async () => {
    const world = createWorld();
    world.append(8);
    world.checkpoint = { logId: 'log-1', position: 2 };
    world.start();
    await world.untilAt(8);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    const { pagesRead } = world;
    world.publish(2);
    await world.untilAt(10);
    expect(world.applied).toStrictEqual(positions(10, 3));
    expect(world.pagesRead).toBe(pagesRead);
    expect(world.follower.lag).toBe(0);
  });

  test('starts at the end of the log without a checkpoint', async () => {
    const world = createWorld({ loadCheckpoint: undefined });
    world.append(8);
    world.start();
    await eventually(() => expect(world.follower.checkpoint).toStrictEqual({ logId: 'log-1', position: 8 }));
    world.publish(1);
    await world.untilAt(9);
    expect(world.applied).toStrictEqual([9]);
  });

  test('applies an entry once that arrives live while a page with it is read', async () => {
    const world = createWorld();
    world.append(2);
    world.start();
    world.publish(3);
    await world.untilAt(5);
    world.publish(1);
    await world.untilAt(6);
    expect(world.applied).toStrictEqual(positions(6));
  });

  test('keeps live entries that are newer than the page that was read meanwhile', async () => {
    const readPage = vi.fn(async () => {
      // The page is older than the entries that arrive before its response.
      const page = { logId: 'log-1', head: 2, entries: toEntries(1, 2), upTo: 2 };
      await setImmediate();
      return page;
    });
    const world = createWorld({ readPage });
    world.start();
    world.publish(4);
    await world.untilAt(4);
    expect(world.applied).toStrictEqual(positions(4));
    expect(readPage).toHaveBeenCalledOnce();
  });

  test('does not apply a repeated entry again that arrives together with a gap', async () => {
    const world = createWorld();
    world.start();
    world.publish(3);
    await world.untilAt(3);
    world.append(1);
    const [gap] = world.append(1);
    for (const entry of [gap!, world.entries[0]!]) world.inbox.push(toLive(entry));
    await world.untilAt(5);
    expect(world.applied).toStrictEqual(positions(5));
  });

  test('adopts the id of the log before the first entry', async () => {
    const world = createWorld();
    world.start();
    await eventually(() => expect(world.checkpoint).toStrictEqual({ logId: 'log-1', position: 0 }));
    expect(world.applied).toStrictEqual([]);
  });

  test('reads the log if a live entry was lost, and skips repeated entries', async () => {
    const world = createWorld();
    world.start();
    world.publish(2);
    await world.untilAt(2);
    world.append(5);
    world.publish(1);
    await world.untilAt(8);
    const { pagesRead } = world;
    world.inbox.push(toLive(world.entries[7]!));
    world.inbox.push(toLive(world.entries[0]!));
    world.publish(1);
    await world.untilAt(9);
    expect(world.applied).toStrictEqual(positions(9));
    expect(world.pagesRead).toBe(pagesRead);
  });

  test('reads the log at an interval, so that a lost last entry is found', async () => {
    const timing = { checkIntervalMs: 10, unavailableRetryMs: 5, retryMs: 1, maxRetryMs: 4 };
    const world = createWorld({ timing });
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.append(1);
    await world.untilAt(2);
  });

  test('follows live entries without a gap while the log cannot be read', async () => {
    const world = createWorld();
    world.isLogAway = true;
    world.start();
    world.publish(3);
    await world.untilAt(3);
    expect(world.follower.problem).toBeUndefined();
  });

  test('waits at a gap while the log cannot be read, and reports the gap', async () => {
    const world = createWorld({}, 'stream');
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
    expect(world.applied).toStrictEqual(positions(4));
  });

  test('applies live entries unverified at a gap if it is allowed to, without moving the checkpoint', async () => {
    const unverified: number[] = [];
    const applyUnverified = (entries: readonly Entry[]) =>
      void unverified.push(...entries.map(({ position }) => position));
    const world = createWorld({ applyUnverified });
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
    expect(world.applied).toStrictEqual(positions(4));
  });

  test('treats a page without the next entry as an unreadable log', async () => {
    const world = createWorld({}, 'stream');
    world.entries = toEntries(1, 4);
    world.pageSize = 0;
    world.start();
    world.stream.push(toLive(world.entries[3]!));
    await eventually(() =>
      expect(world.follower.problem?.reason).toMatch(/cannot be read: it returned no entry after position 0/),
    );
    world.pageSize = 3;
    await world.untilAt(4);
  });

  test('loads the checkpoint again after a failed apply, and loses nothing', async () => {
    const apply = vi.fn((entries: readonly Entry[], checkpoint: LogCheckpoint) => {
      const isFailing = apply.mock.calls.length === 3;
      // A part is stored before it fails.
      const stored = isFailing ? entries.slice(0, 1) : entries;
      world.applied.push(...stored.map(({ position }) => position));
      world.checkpoint = { ...checkpoint, position: stored.at(-1)?.position ?? checkpoint.position };
      if (isFailing) throw new Error('disk full');
    });
    const { logger, lines } = recordLogs();
    const world = createWorld({ apply, logger });
    world.append(7);
    world.start();
    await world.untilAt(7);
    expect(world.applied).toStrictEqual(positions(7));
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('does not continue from an old checkpoint after a restart', async () => {
    const world = createWorld({
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
    expect(world.applied).toStrictEqual([...positions(6), ...positions(9, 2)]);
  });

  test('has not caught up while a restart interrupts the backfill', async () => {
    const world = createWorld({
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
    expect(world.applied).toStrictEqual(positions(9));
  });

  test('has not caught up before it reads the log after it was blocked', async () => {
    const loadCheckpoint = vi
      .fn()
      .mockRejectedValueOnce(new FollowerProblemError('blocked', 'the checkpoint is unknown'))
      .mockImplementation(() => Promise.resolve(world.checkpoint));
    const world = createWorld({ loadCheckpoint });
    world.append(2);
    world.start();
    await world.untilAt(2);
    expect(world.hadCaughtUp).toStrictEqual([false, false]);
  });

  test('applies unverified entries in log order', async () => {
    const unverified: number[] = [];
    const applyUnverified = (entries: readonly Entry[]) =>
      void unverified.push(...entries.map(({ position }) => position));
    const world = createWorld({ applyUnverified });
    world.start();
    world.publish(1);
    await world.untilAt(1);
    world.isLogAway = true;
    const [, second, third] = world.append(3);
    for (const entry of [third!, second!]) world.inbox.push(toLive(entry));
    await eventually(() => expect(unverified).toStrictEqual([3, 4]));
  });

  test('logs an error that repeats once, with its stack', async () => {
    const { logger, lines } = recordLogs();
    const apply = vi.fn(() => {
      throw new Error('disk full');
    });
    const world = createWorld({ apply, logger });
    world.append(1);
    world.start();
    await eventually(() => expect(apply.mock.calls.length).toBeGreaterThan(3));
    const problems = lines.filter(({ level }) => level === 'error' || level === 'warn');
    expect(problems).toMatchObject([{ level: 'error', err: { message: 'disk full' } }]);
  });
});

describe('a log follower whose live source is a stream', () => {
  test('reads one page of the log at the start and after a restart, then the stream', async () => {
    const world = createWorld({}, 'stream');
    world.publish(8);
    world.start();
    await world.untilAt(8);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    expect(world.pagesRead).toBe(1);
    world.follower.restart();
    world.publish(8);
    await world.untilAt(16);
    expect(world.pagesRead).toBe(2);
    expect(world.applied).toStrictEqual(positions(16));
    expect(world.follower.lag).toBe(0);
  });

  test('reads the log up to the first entry on the stream', async () => {
    const world = createWorld({}, 'stream');
    world.append(5);
    world.publish(7);
    world.start();
    await world.untilAt(12);
    expect(world.pagesRead).toBe(2);
    expect(world.applied).toStrictEqual(positions(12));
  });

  test('reads the whole log while the stream is empty', async () => {
    const world = createWorld({}, 'stream');
    world.append(8);
    world.start();
    await world.untilAt(8);
    await eventually(() => expect(world.follower.hasCaughtUp).toBe(true));
    expect(world.hadCaughtUp).toStrictEqual([false, false, false]);
  });

  test('does not check the log at an interval while entries arrive', async () => {
    const timing = { checkIntervalMs: 5, unavailableRetryMs: 5, retryMs: 1, maxRetryMs: 4 };
    let pagesRead = 0;
    const world = createWorld({
      timing,
      live: {
        kind: 'stream',
        async read(after = 0) {
          if (world.entries.length < 30) {
            world.append(1);
            pagesRead = world.pagesRead;
          }
          await delay(1);
          return { entries: world.entries.filter(({ position }) => position > after).map(toLive) };
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
    const world = createWorld({ logger }, 'stream');
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

describe('a log follower whose live source only notifies', () => {
  test('reports that it waits while the log cannot be read', async () => {
    const { logger, lines } = recordLogs();
    const world = createWorld({ logger, live: { ...createLiveInbox<Entry>(), kind: 'notifications' } });
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
    const world = createWorld({ logger, onProblem });
    world.start();
    world.publish(3);
    await world.untilAt(3);
    const right = world.entries;
    world.logId = 'log-2';
    world.entries = toEntries(1, 9, 'log-2');
    world.inbox.requestBackfill();
    const reason = 'the reader holds log log-1 up to position 3, but the log is log-2';
    await eventually(() => expect(world.follower.problem).toStrictEqual({ kind: 'blocked', reason }));
    const { pagesRead } = world;
    await eventually(() => expect(world.pagesRead).toBeGreaterThan(pagesRead + 3));
    expect(world.pageLimits.at(-1)).toBe(1);
    expect(world.applied).toStrictEqual(positions(3));
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    world.logId = 'log-1';
    world.entries = right;
    world.append(1);
    await world.untilAt(4);
    await eventually(() => expect(world.follower.problem).toBeUndefined());
    expect(onProblem.mock.calls).toStrictEqual([[{ kind: 'blocked', reason }], [undefined]]);
  });

  test('while the log ends before the checkpoint', async () => {
    const world = createWorld();
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
    const inbox = createLiveInbox<Entry>();
    const world = createWorld({ live: { ...inbox, lastPosition: () => Promise.resolve(liveEnd) } });
    world.append(2);
    world.start();
    const reason = 'the channel continues to position 5, but the log ends at 2';
    await eventually(() => expect(world.follower.problem).toStrictEqual({ kind: 'blocked', reason }));
    expect(world.applied).toStrictEqual([]);
    liveEnd = 2;
    await world.untilAt(2);
  });

  test.each([[false], [true]])('at a live entry of another log; the log is away: %s', async (isLogAway) => {
    const world = createWorld({}, 'stream');
    world.start();
    world.publish(2);
    await world.untilAt(2);
    world.isLogAway = isLogAway;
    const [foreign] = toEntries(3, 3, 'log-0');
    world.stream.push(toLive(foreign!));
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
    await delay(10);
    expect(world.applied).toStrictEqual([1, 2]);
    world.stream.entries = [];
    await world.untilAt(4);
  });

  test('at an unreadable live entry that the log does not have either', async () => {
    const world = createWorld({}, 'stream');
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
    const world = createWorld({ loadCheckpoint });
    world.append(2);
    world.start();
    const problem = { kind: 'blocked', reason: 'the checkpoint is unknown' };
    await eventually(() => expect(world.follower.problem).toStrictEqual(problem));
    loadCheckpoint.mockResolvedValue({ logId: null, position: 0 });
    await world.untilAt(2);
  });
});

describe('an abort', () => {
  /** Resolves as the phase does if it is aborted. */
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });

  test.each<[string, (entered: () => void) => Partial<LogFollowerOptions<Entry>>]>([
    [
      'the live source connects',
      (entered) => ({
        live: {
          ...createLiveInbox<Entry>(),
          waitUntilConnected(signal) {
            entered();
            return untilAborted(signal).catch(() => undefined);
          },
        },
      }),
    ],
    [
      'the checkpoint is loaded',
      (entered) => ({
        loadCheckpoint(signal) {
          entered();
          return untilAborted(signal);
        },
      }),
    ],
    [
      'a page is read',
      (entered) => ({
        readPage(_after, signal) {
          entered();
          return untilAborted(signal);
        },
      }),
    ],
    [
      'entries are applied',
      (entered) => ({
        async apply() {
          entered();
          await delay(5);
        },
      }),
    ],
    [
      'the live source is read',
      (entered) => ({
        live: {
          kind: 'messages',
          async read(_after, waitMs, signal) {
            if (waitMs === 0) return { entries: [] };
            entered();
            return untilAborted(signal);
          },
        },
      }),
    ],
    [
      'the follower pauses after a problem',
      (entered) => ({
        apply() {
          entered();
          throw new Error('disk full');
        },
        timing: { checkIntervalMs: Infinity, unavailableRetryMs: 5, retryMs: 60_000, maxRetryMs: 60_000 },
      }),
    ],
  ])('ends the run while %s, and leaves no listener', async (_, createOverrides) => {
    let entered: () => void = () => undefined;
    const phase = new Promise<void>((resolve) => (entered = resolve));
    const world = createWorld(createOverrides(() => entered()));
    world.append(5);
    world.start();
    await phase;
    await setImmediate();
    world.abort.abort();
    const { pagesRead } = world;
    await world.done;
    const applied = [...world.applied];
    world.publish(2);
    await delay(10);
    expect(world.pagesRead).toBe(pagesRead);
    expect(world.applied).toStrictEqual(applied);
    expect(getEventListeners(world.abort.signal, 'abort')).toHaveLength(0);
  });

  test('before the start runs nothing', async () => {
    const world = createWorld();
    world.append(2);
    world.abort.abort();
    world.start();
    await world.done;
    expect(world.pagesRead).toBe(0);
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
        const world = createWorld({}, kind);
        const live = world[kind];
        world.append(start);
        world.start();
        const late: Entry[] = [];
        for (const { fate, isLogAway, isRestart, pauses } of actions) {
          world.isLogAway = isLogAway;
          const [entry] = world.append(1);
          if (fate === 'late') late.push(entry!);
          if (fate === 'delivered' || fate === 'repeated') live.push(toLive(entry!));
          if (fate === 'repeated') for (const each of [entry!, ...late.splice(0)]) live.push(toLive(each));
          if (isRestart) world.follower.restart();
          for (let n = 0; n < pauses; n += 1) await setImmediate();
        }
        world.isLogAway = false;
        world.follower.restart();
        world.inbox.requestBackfill();
        await world.untilAt(start + actions.length);
        await stop?.();
        expect(world.applied).toStrictEqual(positions(start + actions.length));
        expect(world.follower.problem?.kind).not.toBe('blocked');
      },
    ),
    { numRuns: 60 },
  );
});
