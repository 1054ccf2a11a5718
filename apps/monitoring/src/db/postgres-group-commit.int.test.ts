import { createLogger, getSqlConnection, toStorageError } from '@seguridad-abc/platform';
import { startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHistoryHorizon } from '../compaction/history-horizon.js';
import { createGroupCommit, GroupCommitStatistics } from './group-commit.js';
import { createLogAppends } from './log-appends.js';
import { openPostgresMonitoringDatabase } from './postgres-database.js';
import { queryRows, runSql } from './prepared-statement.js';
import { createUserLocks } from './user-locks.js';

let server: TestPostgres;
beforeAll(async () => void (server = await startPostgres({ deadlock_timeout: '100ms' })));
afterAll(() => server.close());

const logger = createLogger('monitoring', 'silent');

/** Opens the database as one instance of several. */
async function openInstance(url: string) {
  const database = await openPostgresMonitoringDatabase({ url, logger });
  onTestFinished(() => database.close());
  const { db } = database;
  const statistics = new GroupCommitStatistics();
  const horizon = await createHistoryHorizon(db, database.reader);
  /** Called after each begin of a transaction. */
  const hooks = { onBegin: () => Promise.resolve() };
  const transact = createGroupCommit({
    db,
    appends: createLogAppends(db),
    maxGroupSize: 256,
    statistics,
    observer: {
      async onTransactionBegin(isExclusive) {
        await horizon.beginTransaction(isExclusive);
        await hooks.onBegin();
      },
    },
  });
  const add = (name: string, amount: number) =>
    runSql(db, sql`update counters set total = total + ${amount} where name = ${name}`);
  const read = async (name: string) =>
    (await queryRows<{ total: number }>(db, sql`select total from counters where name = ${name}`))[0]?.total;
  return { ...database, transact, hooks, statistics, add, read, locks: createUserLocks(db) };
}

type Instance = Awaited<ReturnType<typeof openInstance>>;
let first: Instance;
let second: Instance;
beforeEach(async () => {
  const url = await server.createDatabase();
  first = await openInstance(url);
  second = await openInstance(url);
  await runSql(first.db, sql`create table counters (name text primary key, total int not null)`);
  await runSql(first.db, sql`insert into counters values ('ana', 0), ('ben', 0)`);
});

/** Work that keeps its transaction open until it is released. */
function createHeldWork() {
  let release: () => void = () => undefined;
  let markBegun: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const begun = new Promise<void>((resolve) => (markBegun = resolve));
  return {
    begun,
    release: () => release(),
    work: () => {
      markBegun();
      return released;
    },
  };
}

describe('the group commit of several instances', () => {
  it('lets the work of other users go on while another instance has a user', async () => {
    const held = createHeldWork();
    const holding = first.transact(
      async () => {
        await first.add('ana', 1);
        await held.work();
      },
      { users: ['ana'] },
    );
    await held.begun;
    const order: string[] = [];
    const ofAna = second
      .transact(() => second.read('ana'), { users: ['ana'] })
      .then((total) => void order.push(`ana ${String(total)}`));
    await second.transact(() => second.add('ben', 1), { users: ['ben'] });
    order.push('ben');
    await second.transact(() => second.add('ben', 1));
    held.release();
    await Promise.all([holding, ofAna]);
    // It sees what the first one has committed.
    expect(order).toStrictEqual(['ben', 'ana 1']);
    expect(second.statistics.busyUserCount).toBeGreaterThan(0);
  });

  it('fails work whose user cannot be locked, because the connection is lost', async () => {
    first.hooks.onBegin = async () => {
      const [session] = await queryRows<{ pid: number }>(first.db, sql`select pg_backend_pid() as pid`);
      await server.run(`select pg_terminate_backend(${session?.pid ?? 0})`);
    };
    const works = ['ana', 'ben'].map((user) => first.transact(() => first.add(user, 1), { users: [user] }));
    const results = await Promise.allSettled(works);
    const errors = results.map(
      (result) => (result.status === 'rejected' ? result.reason : undefined) as unknown,
    );
    expect(errors.map((error) => toStorageError(error)?.code)).toStrictEqual(
      works.map(() => 'STORAGE_UNAVAILABLE'),
    );
    first.hooks.onBegin = () => Promise.resolve();
    await first.transact(() => first.add('ana', 1), { users: ['ana'] });
    expect(await second.read('ana')).toBe(1);
  });

  it('repeats work that learns too late that another instance has its user', async () => {
    const held = createHeldWork();
    const holding = first.transact(
      async () => {
        await first.add('ana', 1);
        await held.work();
      },
      { users: ['ana'] },
    );
    await held.begun;
    let runs = 0;
    const late = second.transact(async () => {
      runs++;
      expect(await second.locks.lockUser('ana')).toBe(true);
      await second.add('ana', 1);
      return second.read('ana');
    });
    await expect.poll(() => second.statistics.busyUserCount).toBeGreaterThan(0);
    held.release();
    expect(await late).toBe(2);
    await holding;
    expect(runs).toBe(2);
  });

  it('exclusive work does not wait in a circle with work that waits for a user', async () => {
    const held = createHeldWork();
    const holding = first.transact(held.work, { users: ['ana'] });
    await held.begun;
    const countWaits = async () => (await server.run('select 1 from pg_locks where not granted')).rows.length;
    // It joins the transaction that has the user, unless it is exclusive.
    const exclusive = first.transact(
      () =>
        queryRows<{ mode: string }>(
          first.db,
          sql`select mode from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
        ),
      { isExclusive: true },
    );
    const waiting = second.transact(() => second.add('ana', 1), { users: ['ana'] });
    await expect.poll(countWaits).toBe(1);
    held.release();
    await Promise.all([holding, waiting]);
    expect(await exclusive).toStrictEqual([{ mode: 'ExclusiveLock' }]);
    const { statistics } = first;
    expect(statistics.repeatedTransactionCount + second.statistics.repeatedTransactionCount).toBe(0);
  });

  it('repeats a transaction that the server ended because of a deadlock', async () => {
    let startCount = 0;
    const touch = (instance: Instance, names: readonly [string, string]) =>
      instance.transact(async () => {
        await instance.add(names[0], 1);
        startCount += 1;
        // Each has what the other one wants next.
        await expect.poll(() => startCount).toBeGreaterThan(1);
        await instance.add(names[1], 1);
      });
    await Promise.all([touch(first, ['ana', 'ben']), touch(second, ['ben', 'ana'])]);
    expect([await first.read('ana'), await first.read('ben')]).toStrictEqual([2, 2]);
    const { statistics } = first;
    // On a busy machine the server may end both.
    const repeatedCount = statistics.repeatedTransactionCount + second.statistics.repeatedTransactionCount;
    expect(repeatedCount).toBeGreaterThan(0);
  });

  it('has few pieces of work in a transaction, because each one is a subtransaction', async () => {
    const works = Array.from({ length: 130 }, () =>
      first.transact(
        async () =>
          (await queryRows<{ id: string }>(first.db, sql`select pg_current_xact_id()::text as id`))[0]?.id,
      ),
    );
    const sizes = new Map<string | undefined, number>();
    for (const id of await Promise.all(works)) sizes.set(id, (sizes.get(id) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(60);
  });

  it('gives up a transaction that conflicts again and again', async () => {
    let runs = 0;
    const conflict = Object.assign(new Error('deadlock'), { code: '40P01' });
    const failing = first.transact(() => {
      runs++;
      return Promise.reject(conflict);
    });
    await expect(failing).rejects.toBe(conflict);
    expect(runs).toBe(4);
    await first.transact(() => first.add('ana', 1));
    expect(await first.read('ana')).toBe(1);
  });

  it('fails the work of a lost connection with a code, stores nothing of it, and goes on', async () => {
    const [backend] = await queryRows<{ pid: number }>(first.db, sql`select pg_backend_pid() as pid`);
    const sharing = first.transact(() => first.add('ben', 1));
    const lost = first.transact(async () => {
      await first.add('ana', 1);
      await server.run(`select pg_terminate_backend(${backend?.pid ?? 0})`);
      await first.add('ana', 10);
    });
    const later = first.transact(() => first.add('ben', 1));
    const refusals = await Promise.allSettled([lost, sharing]);
    expect(
      refusals.map((refusal) => refusal.status === 'rejected' && toStorageError(refusal.reason)?.code),
    ).toStrictEqual(['STORAGE_UNAVAILABLE', 'STORAGE_UNAVAILABLE']);
    // Work that had not begun is in the next transaction.
    await later;
    expect([await first.read('ana'), await first.read('ben')]).toStrictEqual([0, 1]);
  });

  it('fails work whose commit was lost: it may be stored', async () => {
    const connection = getSqlConnection(first.db);
    const control = connection.control.bind(connection);
    const spy = vi.spyOn(connection, 'control').mockImplementation(async (command) => {
      await control(command);
      if (command === 'commit') throw Object.assign(new Error('lost'), { code: 'POSTGRES_CONNECTION_LOST' });
    });
    const refusal = await first.transact(() => first.add('ana', 1)).catch((error: unknown) => error);
    expect(toStorageError(refusal)?.code).toBe('STORAGE_UNAVAILABLE');
    spy.mockRestore();
    expect(await first.read('ana')).toBe(1);
  });

  it('tells other instances of commits, and shows that it can write', async () => {
    const listener = vi.fn();
    await second.onNotified(listener);
    first.notifyOthers();
    await expect.poll(() => listener.mock.calls.length).toBe(1);
    for (let count = 0; count < 50; count++) first.notifyOthers();
    await expect.poll(() => listener.mock.calls.length).toBeGreaterThan(1);
    await first.tryWrite();
    await server.run(`alter system set default_transaction_read_only = on`);
    await server.run('select pg_reload_conf()');
    onTestFinished(async () => {
      await server.run('alter system reset default_transaction_read_only').catch(() => undefined);
    });
    await expect
      .poll(() => first.tryWrite().catch((error: unknown) => toStorageError(error)?.reason))
      .toMatch(/read-only/);
  });
});
