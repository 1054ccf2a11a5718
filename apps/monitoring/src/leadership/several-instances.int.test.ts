import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createLogger, getSqlConnection } from '@seguridad-abc/platform';
import { eventually, startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresMonitoringDatabase, type PostgresMonitoringDatabase } from '../db/postgres-database.js';
import { createRuleInput } from '../testing/fixtures.js';
import { replayLog } from '../testing/replay-log.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createLease, type Lease } from './lease.js';
import { createLeasedLeadership } from './leased-leadership.js';
import { LostLeadershipError } from './leadership.js';

const logger = createLogger('monitoring', 'silent');
let server: TestPostgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe('a lease', () => {
  async function createHolders() {
    const url = await server.createDatabase();
    const open = async () => {
      const database = await openPostgresMonitoringDatabase({ url, logger });
      closers.push(() => database.close());
      return database;
    };
    const [first, second] = [await open(), await open()];
    return { first, second };
  }
  const create = ({ control }: PostgresMonitoringDatabase, holder: string) =>
    createLease(control, 'test', holder);

  it('has one holder, until its time is over or it is given back', async () => {
    const { first, second } = await createHolders();
    const [a, b] = [create(first, 'a'), create(second, 'b')];
    expect(await a.acquire(60_000)).toBe(1);
    expect(await b.acquire(60_000)).toBeUndefined();
    expect(await a.acquire(1)).toBe(1);
    await eventually(async () => expect(await b.acquire(60_000)).toBe(2));
    expect(await a.acquire(60_000)).toBeUndefined();
    expect([await a.isHeld(1), await b.isHeld(2)]).toEqual([false, true]);
    // The former holder gives nothing back.
    await a.release(1);
    expect(await a.acquire(60_000)).toBeUndefined();
    await b.release(2);
    expect(await a.acquire(60_000)).toBe(3);
  });

  it('is granted once if many processes ask for it at the same time', async () => {
    const { first, second } = await createHolders();
    const asked = Array.from({ length: 20 }, (_, index) =>
      create(index % 2 === 0 ? first : second, `holder ${index}`).acquire(60_000),
    );
    const granted = (await Promise.all(asked)).filter((token) => token !== undefined);
    expect(granted).toEqual([1]);
  });

  it('cannot be taken while a transaction of its holder is open', async () => {
    const { first, second } = await createHolders();
    const [a, b] = [create(first, 'a'), create(second, 'b')];
    expect(await a.acquire(1)).toBe(1);
    const transaction = await openTransaction(first);
    expect(await createLease(first.db, 'test', 'a').isHeld(1)).toBe(true);
    let isTaken = false;
    const taken = b.acquire(60_000).then((token) => {
      isTaken = true;
      return token;
    });
    await eventually(async () => expect(await countLockWaits()).toBe(1));
    expect(isTaken).toBe(false);
    await transaction.commit();
    expect(await taken).toBe(2);
  });
});

/** Begins a transaction on the write connection. */
async function openTransaction({ db }: PostgresMonitoringDatabase) {
  const connection = getSqlConnection(db);
  await connection.control('begin');
  return { commit: () => connection.control('commit') };
}

describe('an instance that has lost its lease without knowing', () => {
  it('writes nothing, and stops to lead', async () => {
    const databaseUrl = await server.createDatabase();
    const now = () => '2026-01-31T08:00:00.000Z';
    const other = await openPostgresMonitoringDatabase({ url: databaseUrl, logger });
    closers.push(() => other.close());
    const database = await openPostgresMonitoringDatabase({ url: databaseUrl, logger });
    closers.push(() => database.close());
    // As a frozen process does, it renews nothing, and trusts its lease after its time.
    const lease = createLease(database.control, 'leader', 'frozen');
    let fence: Pick<Lease, 'isHeld'> | undefined;
    const leadership = createLeasedLeadership({
      lease: { acquire: () => lease.acquire(1), release: (token) => lease.release(token) },
      fence: { isHeld: (token) => fence?.isHeld(token) ?? Promise.resolve(true) },
      logger,
      ttlMs: 60_000,
      intervalMs: 60_000,
    });
    await leadership.start();
    closers.push(() => leadership.stop());
    const storage = await openTestStorage({ databaseUrl, now, leadership });
    closers.push(() => storage.close());
    fence = createLease(storage.db, 'leader', 'frozen');
    await storage.commands.createRule(createRuleInput({ maxOpenSeconds: 60 }));
    const opened = { id: 'o1', opening: 'Shop', state: 'OPEN' as const, at: '2026-01-31T07:00:00.000Z' };
    await storage.commands.recordReadings({ userId: 'ana', readings: [opened] });
    expect(leadership.isLeader()).toBe(true);
    expect(await createLease(other.control, 'leader', 'other').acquire(60_000)).toBe(2);
    // A change of zone data makes every pending alarm due.
    await storage.db
      .insert(storage.tables.pendingAlarms)
      .values({ openingId: 1, ruleId: 'gone', due: 0, evaluatedUntil: 0, needsOpen: true });
    await expect(storage.storage.dueJobs.runSome()).rejects.toThrow(LostLeadershipError);
    expect(await storage.reader.select().from(storage.tables.pendingAlarms)).toHaveLength(1);
    expect(leadership.isLeader()).toBe(false);
    // Commands go on.
    const closed = { ...opened, id: 'c1', state: 'CLOSED' as const, at: '2026-01-31T07:30:00.000Z' };
    expect(await storage.commands.recordReadings({ userId: 'ana', readings: [closed] })).toMatchObject({
      accepted: 1,
    });
  });
});

/** Starts an instance of the storage as a process. */
async function startInstance(url: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    [...['--conditions=source', '--import', fileURLToPath(LOADER)], ...[fileURLToPath(INSTANCE), url]],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  closers.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const log: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => log.push(line));
  await eventually(() => expect(log[0]).toBe('started'), 60_000);
  return { child, log };
}
const LOADER = new URL('../../../../scripts/testing/typescript-process.mjs', import.meta.url);
const INSTANCE = new URL('../testing/instance-process.ts', import.meta.url);

/** Longer than the lease and the pause between two tries to get it, also on a busy machine. */
const TAKEOVER_TIMEOUT_MS = 20_000;
const LEASE_AND_RETRY_MS = 5_000;

describe('of several instances', () => {
  const names = Array.from({ length: 30 }, (_, index) => `Door ${index}`);
  let storage: TestStorage;
  /** Opens doors that have to be closed after some seconds. */
  async function openDoors(seconds: number) {
    for (const opening of names)
      await storage.commands.createRule(createRuleInput({ opening, maxOpenSeconds: seconds }));
    const at = new Date().toISOString();
    const readings = names.map((opening) => ({ id: 'o', opening, state: 'OPEN' as const, at }));
    await storage.commands.recordReadings({ userId: 'ana', readings });
    return Date.parse(at) + seconds * 1_000;
  }
  async function expectEachAlarmOnce() {
    await eventually(async () => {
      const { alarms } = await replayLog(storage.eventLog, 'ana');
      expect(alarms.size).toBe(names.length);
    }, TAKEOVER_TIMEOUT_MS);
    const { entries } = await storage.eventLog.read(0, 1_000);
    const raised = entries.filter(({ type }) => type === 'AlarmRaised');
    expect(raised).toHaveLength(names.length);
    return Math.max(...raised.map(({ at }) => Date.parse(at)));
  }

  async function startTwo() {
    const databaseUrl = await server.createDatabase();
    // It takes commands, and no part in the election.
    const leadership = {
      isLeader: () => false,
      assertLeader: () => Promise.reject(new LostLeadershipError()),
    };
    storage = await openTestStorage({ databaseUrl, leadership });
    closers.push(() => storage.close());
    const leader = await startInstance(databaseUrl);
    await eventually(() => expect(leader.log).toEqual(['started', 'elected']));
    const follower = await startInstance(databaseUrl);
    return { leader, follower };
  }

  it('another one runs the timers soon after the leader was killed', { timeout: 120_000 }, async () => {
    const { leader, follower } = await startTwo();
    const dueAt = await openDoors(2);
    leader.child.kill('SIGKILL');
    await eventually(() => expect(follower.log).toContain('elected'), TAKEOVER_TIMEOUT_MS);
    const lastAt = await expectEachAlarmOnce();
    console.log(`takeover after a kill: the last alarm ${lastAt - dueAt} ms after it was due`);
    expect(lastAt - dueAt).toBeLessThan(LEASE_AND_RETRY_MS * 2);
  });

  it('a leader that was frozen raises no alarm again', { timeout: 120_000 }, async () => {
    const { leader, follower } = await startTwo();
    await openDoors(3);
    leader.child.kill('SIGSTOP');
    await eventually(() => expect(follower.log).toContain('elected'), TAKEOVER_TIMEOUT_MS);
    await expectEachAlarmOnce();
    leader.child.kill('SIGCONT');
    await eventually(
      () => expect(leader.log).toEqual(['started', 'elected', 'deposed']),
      TAKEOVER_TIMEOUT_MS,
    );
    await expectEachAlarmOnce();
    expect(follower.log).toEqual(['started', 'elected']);
  });
});

const countLockWaits = async () =>
  Number((await server.run(`select count(*) from pg_locks where not granted`)).rows[0]?.['count']);
