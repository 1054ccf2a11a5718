import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { activeSpanStorage, getSqlConnection } from '@seguridad-abc/platform';
import { recordSpans, temporaryFolder } from '@seguridad-abc/platform/testing';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroupCommit, type GroupCommit, type GroupCommitOptions } from './group-commit.js';
import { createLogAppends } from './log-appends.js';
import { openMonitoringDatabase, type SqliteMonitoringDatabase } from './monitoring-database.js';
import { getTables } from './schema.js';

let folder: ReturnType<typeof temporaryFolder>;
let database: SqliteMonitoringDatabase;
let transact: GroupCommit;
beforeEach(() => {
  folder = temporaryFolder();
  database = openMonitoringDatabase(folder.path);
  transact = createTransact();
});
afterEach(async () => {
  await database.close();
  folder.remove();
});

const createTransact = (options: Partial<GroupCommitOptions> = {}) => {
  const { db } = database;
  return createGroupCommit({ db, appends: createLogAppends(db), maxGroupSize: 3, ...options });
};
const getTable = () => getTables(database.db).eventLogIdentity;
const insert = async (id: string) => {
  await database.db.insert(getTable()).values({ id });
};
const has = async (id: string) =>
  (await database.db.select().from(getTable()).where(eq(getTable().id, id))).length > 0;
const hasAll = (ids: readonly string[]) => Promise.all(ids.map(has));
/** Work that only has an effect in memory. */
const note = (effect: () => unknown) => () => {
  effect();
  return Promise.resolve();
};
const watchBegins = () => {
  const begins = vi.fn();
  const connection = getSqlConnection(database.db);
  const control = connection.control.bind(connection);
  vi.spyOn(connection, 'control').mockImplementation((command) => {
    if (command === 'begin') begins();
    return control(command);
  });
  return begins;
};

/**
 * Counts the transactions that SQLite has written. The last frame of each holds the size of the database after it.
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
function countCommits(): number {
  const wal = readFileSync(join(folder.path, 'monitoring.sqlite-wal'));
  const frame = 24 + wal.readUInt32BE(8);
  let count = 0;
  for (let at = 32; at < wal.length; at += frame) if (wal.readUInt32BE(at + 4) > 0) count++;
  return count;
}

describe('createGroupCommit', () => {
  it('runs work in the order of arrival and resolves each to its own result', async () => {
    const order: number[] = [];
    const outcomes = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((n) => transact(() => Promise.resolve((order.push(n), n * 10)))),
    );
    expect(outcomes).toStrictEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(order).toStrictEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('gives each piece of work the span of its command', async () => {
    const { tracing, spans } = recordSpans();
    const traced = createTransact({ tracing });
    const commands = ['first', 'second'].map((name) =>
      tracing.startSpan(name, { kind: 'internal', parent: undefined }),
    );
    const seen = await Promise.all(
      commands.map((span) =>
        activeSpanStorage.run(span, () =>
          traced(() => Promise.resolve(activeSpanStorage.getStore()?.spanId)),
        ),
      ),
    );
    // One transaction runs both. Work without a command has no span.
    expect(await traced(() => Promise.resolve(activeSpanStorage.getStore()))).toBeUndefined();
    expect(seen).toStrictEqual(['3', '4']);
    expect(spans.slice(2)).toMatchObject([
      { name: 'commit', parent: commands[0], hasEnded: true },
      { name: 'commit', parent: commands[1], hasEnded: true },
    ]);
  });

  it('resolves work that is on disk although the listener of commits throws', async () => {
    const thrown = new Error('listener');
    const listeners = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[];
    process.removeAllListeners('unhandledRejection');
    try {
      const unhandled = once(process, 'unhandledRejection');
      const failing = createTransact({
        observer: {
          onCommit() {
            throw thrown;
          },
        },
      });
      await failing(() => insert('a'));
      expect(await has('a')).toBe(true);
      expect(await unhandled).toContain(thrown);
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
  });

  it('rolls back failed work only', async () => {
    const failing = transact(async () => {
      await insert('half');
      throw new Error('refused');
    });
    const [before, failed, after] = await Promise.allSettled([
      transact(() => insert('a')),
      failing,
      transact(() => insert('b')),
    ]);
    expect([before.status, failed.status, after.status]).toStrictEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await hasAll(['a', 'half', 'b'])).toStrictEqual([true, false, true]);
  });

  it('shows work the changes of earlier work in the same group', async () => {
    const [, seen] = await Promise.all([transact(() => insert('a')), transact(() => has('a'))]);
    expect(seen).toBe(true);
  });

  it('rejects all work of a transaction that SQLite rolled back, and runs the rest in the next one', async () => {
    const before = transact(() => insert('a'));
    const losing = transact(() => {
      database.client.exec('ROLLBACK');
      throw new Error('the disk is full');
    });
    const outcomes = await Promise.allSettled([before, losing, transact(() => insert('b'))]);
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected', 'fulfilled']);
    expect(await hasAll(['a', 'b'])).toStrictEqual([false, true]);
    await transact(() => insert('c'));
    expect(await has('c')).toBe(true);
  });

  it.each([
    ['is read-only', () => void database.client.pragma('query_only = ON')],
    ['is closed', () => void database.client.close()],
  ])('rejects work one group after another if the database %s', async (_, breakDatabase) => {
    breakDatabase();
    const begin = watchBegins();
    const ids = ['a', 'b', 'c', 'd', 'large'];
    const outcomes = await Promise.allSettled(
      ids.map((id) => transact(() => insert(id), { size: id === 'large' ? 100 : 1 })),
    );
    expect(outcomes.map(({ status }) => status)).toStrictEqual(ids.map(() => 'rejected'));
    await setTimeout(20);
    expect(begin).toHaveBeenCalledTimes(2);
  });

  it('takes work although the transaction took long to begin', async () => {
    const begin = watchBegins();
    begin.mockImplementation(() => {
      for (const endsAt = performance.now() + 30; performance.now() < endsAt;);
    });
    await Promise.all([transact(() => insert('a')), transact(() => insert('b'))]);
    expect(begin).toHaveBeenCalledTimes(1);
  });

  it('lets owners take turns', async () => {
    const order: string[] = [];
    const send = (name: string, owner: string) =>
      transact(
        note(() => order.push(name)),
        { owner },
      );
    await Promise.all([
      ...['a1', 'a2', 'a3', 'a4'].map((name) => send(name, 'ana')),
      send('b1', 'ben'),
      send('c1', 'carl'),
    ]);
    expect(order).toStrictEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
  });

  it('ends a transaction after some time, and then begins with the large work that it left', async () => {
    const order: string[] = [];
    const work = (name: string, size = 1) =>
      transact(
        note(() => {
          order.push(name);
          for (const endsAt = performance.now() + 30; performance.now() < endsAt;);
        }),
        { size },
      );
    const before = countCommits();
    await Promise.all(
      [work('a'), work('b'), work('c'), work('large', 100)].map((one, index) =>
        one.then(() => insert(String(index))),
      ),
    );
    expect(order).toStrictEqual(['a', 'large', 'b', 'c']);
    expect(countCommits() - before).toBeGreaterThanOrEqual(4);
  });

  it('runs small work before large work, and fills a transaction with large work', async () => {
    const order: string[] = [];
    const done = (name: string, size: number) =>
      transact(
        note(() => order.push(name)),
        { size },
      );
    const before = countCommits();
    const insertLarge = (id: string) => transact(() => insert(id), { size: 1_000 });
    await Promise.all([
      insertLarge('large 1').then(() => order.push('large 1')),
      insertLarge('large 2').then(() => order.push('large 2')),
      ...['a', 'b', 'c', 'd'].map((id) => done(id, 1)),
    ]);
    expect(order).toStrictEqual(['a', 'b', 'c', 'large 1', 'd', 'large 2']);
    expect(countCommits() - before).toBe(2);
  });

  it('runs all work of a transaction that conflicts again before it has taken all of it', async () => {
    const conflict = Object.assign(new Error('deadlock'), { code: '40P01' });
    const runs: string[] = [];
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((name) =>
        transact(async () => {
          runs.push(name);
          await insert(name);
          if (runs.join('') === 'abc' || runs.join('') === 'abca') throw conflict;
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(runs.join('')).toBe('abcaabc');
    expect(await hasAll(['a', 'b', 'c'])).toStrictEqual([true, true, true]);
  });

  it('rejects all work of a repeated transaction that cannot begin', async () => {
    const begin = watchBegins();
    const conflict = Object.assign(new Error('deadlock'), { code: '40P01' });
    begin.mockImplementation(() => {
      if (begin.mock.calls.length === 2) throw new Error('the connection is lost');
    });
    const outcomes = await Promise.allSettled([
      transact(() => insert('a')),
      transact(() => Promise.reject(conflict)),
    ]);
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected']);
    expect(await has('a')).toBe(false);
    await transact(() => insert('b'));
    expect(await has('b')).toBe(true);
  });

  it('runs exclusive work in a transaction alone', async () => {
    const begins: boolean[] = [];
    const order: string[] = [];
    transact = createTransact({
      observer: { onTransactionBegin: (isExclusive) => Promise.resolve(void begins.push(isExclusive)) },
    });
    await Promise.all([
      transact(note(() => order.push('a'))),
      transact(
        note(() => order.push('exclusive')),
        { isExclusive: true },
      ),
      transact(note(() => order.push('b'))),
    ]);
    expect([order, begins]).toStrictEqual([
      ['exclusive', 'a', 'b'],
      [true, false],
    ]);
  });

  it('counts the events of a transaction that is repeated once', async () => {
    const { db } = database;
    const appends = createLogAppends(db);
    transact = createTransact({ appends });
    const connection = getSqlConnection(db);
    const control = connection.control.bind(connection);
    let isRepeated = false;
    vi.spyOn(connection, 'control').mockImplementation(async (command) => {
      if (command === 'commit' && !isRepeated) {
        isRepeated = true;
        throw Object.assign(new Error('deadlock'), { code: '40P01' });
      }
      await control(command);
    });
    await transact(
      note(() =>
        appends.appendEvent(
          { type: 'ExceptionCancelled', version: 1, data: { userId: 'ana' } as never },
          '2026-01-31T08:00:00.000Z',
          null,
        ),
      ),
    );
    expect(isRepeated).toBe(true);
    expect([...appends.eventCounts]).toStrictEqual([['ExceptionCancelled', 1]]);
  });

  it('shares one commit among work that is pending at the same time', async () => {
    const all = (ids: string[]) => Promise.all(ids.map((id) => transact(() => insert(id))));
    const before = countCommits();
    await all(['a', 'b', 'c']);
    expect(countCommits() - before).toBe(1);
    await all(['d', 'e', 'f', 'g']);
    expect(countCommits() - before).toBe(3);
  });
});
