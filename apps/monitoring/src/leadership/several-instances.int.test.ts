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
import { createLeasedLeadership, LEASE_TTL_MS } from './leased-leadership.js';
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

  it('is extended while a transaction of its holder is open', async () => {
    const { first } = await createHolders();
    const lease = create(first, 'a');
    expect(await lease.acquire(60_000)).toBe(1);
    const transaction = await openTransaction(first);
    expect(await createLease(first.db, 'test', 'a').isHeld(1)).toBe(true);
    expect(await lease.acquire(60_000)).toBe(1);
    await transaction.commit();
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
    const leadership = createLeasedLeadership({
      lease: { acquire: () => lease.acquire(1), release: (token) => lease.release(token) },
      fence: { isHeld: (token) => fence.isHeld(token) },
      logger,
      ttlMs: 60_000,
      intervalMs: 60_000,
    });
    await leadership.start();
    closers.push(() => leadership.stop());
    const storage = await openTestStorage({ databaseUrl, now, leadership });
    closers.push(() => storage.close());
    const fence: Pick<Lease, 'isHeld'> = createLease(storage.db, 'leader', 'frozen');
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
const TAKEOVER_TIMEOUT_MS = 30_000;

describe('of several instances', () => {
  const names = Array.from({ length: 20 }, (_, index) => `Door ${index}`);

  /** Opens doors that have to be closed after some seconds. @returns when the alarms are due */
  async function openDoors({ commands }: TestStorage, userId: string, seconds: number): Promise<number> {
    for (const opening of names)
      await commands.createRule(createRuleInput({ userId, opening, maxOpenSeconds: seconds }));
    const at = new Date().toISOString();
    const readings = names.map((opening) => ({ id: 'o', opening, state: 'OPEN' as const, at }));
    await commands.recordReadings({ userId, readings });
    return Date.parse(at) + seconds * 1_000;
  }

  const listRaised = async ({ eventLog }: TestStorage, userId: string) =>
    (await eventLog.read(0, 1_000)).entries.filter(
      ({ type, data }) =>
        type === 'AlarmRaised' && (data as { alarm: { userId: string } }).alarm.userId === userId,
    );

  /** Waits for one alarm of each door. @returns when the last one was raised */
  async function expectEachAlarmOnce(storage: TestStorage, userId: string): Promise<number> {
    await eventually(
      async () => expect((await replayLog(storage.eventLog, userId)).alarms.size).toBe(names.length),
      TAKEOVER_TIMEOUT_MS,
    );
    const raised = await listRaised(storage, userId);
    expect(raised).toHaveLength(names.length);
    return Math.max(...raised.map(({ at }) => Date.parse(at)));
  }

  const expectLog = (log: readonly string[], ...lines: string[]) =>
    eventually(() => expect(log).toEqual(['started', ...lines]), TAKEOVER_TIMEOUT_MS);

  it(
    'one leads; a frozen one writes nothing more, and a killed one is replaced',
    { timeout: 180_000 },
    async () => {
      const databaseUrl = await server.createDatabase();
      // It takes commands, and no part in the election.
      const storage = await openTestStorage({
        databaseUrl,
        leadership: {
          isLeader: () => false,
          assertLeader: () => Promise.reject(new LostLeadershipError()),
        },
      });
      closers.push(() => storage.close());
      const first = await startInstance(databaseUrl);
      await expectLog(first.log, 'elected');
      const second = await startInstance(databaseUrl);

      await openDoors(storage, 'ana', 1);
      first.child.kill('SIGSTOP');
      await expectLog(second.log, 'elected');
      await expectEachAlarmOnce(storage, 'ana');
      first.child.kill('SIGCONT');
      await expectLog(first.log, 'elected', 'deposed');

      const dueAt = await openDoors(storage, 'ben', 2);
      second.child.kill('SIGKILL');
      const killedAt = Date.now();
      await expectLog(first.log, 'elected', 'deposed', 'elected');
      const takeoverMs = Date.now() - killedAt;
      const latenessMs = (await expectEachAlarmOnce(storage, 'ben')) - dueAt;
      expect(await listRaised(storage, 'ana')).toHaveLength(names.length);
      // Up to 4 s with time for the processes: the end of the lease, then the next try to get it.
      expect([takeoverMs, latenessMs].every((ms) => ms < 2 * (LEASE_TTL_MS + 1_000))).toBe(true);
    },
  );
});

const countLockWaits = async () => (await server.run('select 1 from pg_locks where not granted')).rowCount;
