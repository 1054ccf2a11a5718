import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createLogger, quoteName } from '@seguridad-abc/platform';
import { startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { openPostgresMonitoringDatabase } from '../db/postgres-database.js';
import { queryRows, runSql } from '../db/prepared-statement.js';
import { createRuleCommands } from '../rules/rule-commands.js';
import { createMonitoringStorage } from '../storage.js';
import { acceptErasure } from '../testing/accept-erasure.js';
import { createRuleInput, OPERATOR } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import {
  assertMonitoringCopied,
  assertMonitoringNotMoved,
  listMonitoringTables,
  MONITORING_FILE,
} from './copied-database.js';
import { migrateStore, type StoreMigrationOptions } from './migrate-store.js';

const logger = createLogger('monitoring', 'silent');
const NOW = '2026-03-02T12:00:00.000Z';

let server: TestPostgres;
let test: TestStorage;
let databaseUrl: string;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());
beforeEach(async () => {
  test = await openTestStorage();
  databaseUrl = await server.createDatabase();
});
afterEach(() => test.close());

const callMigrateStore = (options: Partial<StoreMigrationOptions>) =>
  migrateStore({
    folder: test.folder,
    databaseUrl,
    isFinishing: false,
    onTable: () => undefined,
    isStopped: () => false,
    now: () => NOW,
    logger,
    ...options,
  });
const migrate = async (options: Partial<StoreMigrationOptions> = {}) => {
  const result = await callMigrateStore(options);
  if (!result) throw new Error('The database was moved already.');
  return result;
};

/** Stops monitoring, and copies the rest. */
async function finish(options: Partial<StoreMigrationOptions> = {}) {
  await test.database.close();
  return migrate({ isFinishing: true, ...options });
}

async function withTarget<Result>(
  work: (target: Awaited<ReturnType<typeof openPostgresMonitoringDatabase>>) => Promise<Result>,
): Promise<Result> {
  const target = await openPostgresMonitoringDatabase({ url: databaseUrl, logger });
  try {
    return await work(target);
  } finally {
    await target.close();
  }
}

const record = (userId: string, count: number, from = 0) =>
  test.commands.recordReadings({
    userId,
    readings: Array.from({ length: count }, (_, index) => ({
      id: `${userId} ${from + index}`,
      opening: `Door ${index % 3}`,
      state: index % 2 === 0 ? 'OPEN' : 'CLOSED',
      at: new Date(Date.parse(NOW) + (from + index) * 1_000).toISOString(),
      ...(index % 5 === 0 && { tampered: index % 2 === 0 }),
    })),
  });

/** Enough that a process can be killed while it copies them. */
const OLD_READINGS = 30_000;

/** Starts the program of `npm run migrate-store`. */
function startProgram() {
  const args = ['--conditions=source', '--import', fileURLToPath(LOADER), fileURLToPath(PROGRAM)];
  const program = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  program.stdin.end(JSON.stringify({ folder: test.folder, databaseUrl, isFinishing: false }));
  return program;
}
const LOADER = new URL('../../../../scripts/testing/typescript-process.mjs', import.meta.url);
const PROGRAM = new URL('main.ts', import.meta.url);

/** Something in most tables, with what SQL could get wrong: Unicode, quotes, backslashes, empty and equal texts. */
async function fill(userId: string): Promise<void> {
  const dates = [{ date: '2026-12-24', label: 'Nochebuena "ñ" \\ ☃', windows: [] }];
  const calendar = await test.commands.createCalendar({ userId, name: "L'été {a,b}", dates });
  await test.commands.createRule({
    ...createRuleInput({ userId, opening: 'Door 0', calendarId: calendar.id }),
    clientMutationId: `rule of ${userId}`,
  });
  await test.commands.createException({
    userId,
    openings: ['Door 1', 'NULL', ''].slice(0, 2),
    effect: 'ALLOW',
    from: '2020-01-01T00:00:00Z',
    until: new Date(Date.now() + 600_000).toISOString(),
    reason: 'Stock-taking',
  });
  await test.commands.registerDevice({ userId, name: 'Sensor', openings: null });
  await record(userId, 100);
}

const readAll = async (db: object) => {
  const rows: Record<string, unknown[]> = {};
  for (const { name, key } of listMonitoringTables()) {
    const order = key.map((column) => quoteName(column.name)).join(', ');
    const query = sql.raw(`select * from ${quoteName(name)} order by ${order}`);
    rows[name] = (await queryRows<Record<string, unknown>>(db, query)).map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [
          column,
          typeof value === 'boolean' ? Number(value) : value,
        ]),
      ),
    );
  }
  return rows;
};

describe('migrate-store', () => {
  it('copies every row of every table while commands go on, and the rest when monitoring is stopped', async () => {
    await fill('ana');
    const first = await migrate();
    expect(first).toMatchObject({ isComplete: false, tables: listMonitoringTables().length });
    expect(first.copiedRows).toBe(first.rows);
    // What changes, is added and is removed meanwhile.
    await fill('ben');
    await record('ana', 50, 100);
    await test.commands.withdrawReadings({
      userId: 'ana',
      opening: 'Door 0',
      ids: ['ana 3', 'ana 6'],
      reason: 'A test',
    });
    test.storage.erasures.start({
      waitUntilRelayed: () => Promise.resolve(true),
      rewrite: () => Promise.resolve(),
    });
    await fill('eve');
    await (await acceptErasure(test, 'eve')).waitUntilComplete(10_000);
    await test.storage.erasures.stop();
    expect((await migrate()).copiedRows).toBeGreaterThan(0);
    const expected = await readAll(test.reader);
    const { logId, position } = await test.eventLog.end();

    expect(await finish()).toMatchObject({ isComplete: true, position, copiedRows: 0 });

    await withTarget(async (target) => {
      expect(await readAll(target.reader)).toEqual(expected);
      await assertMonitoringCopied(target.reader);
      const storage = await createMonitoringStorage(target, {
        maxGroupSize: 256,
        latenessAllowanceMs: 0,
        quotas: getQuotas(readMonitoringConfig({})),
        zoneDataVersion: 'test',
        now: () => new Date().toISOString(),
        appended: { notify: () => undefined },
        logger,
      });
      expect(await storage.eventLog.end()).toEqual({ logId, position });
      expect(await storage.auditTrail.verifyEnds()).toEqual([]);
      // The log, the audit trail and generated ids go on.
      const rules = createRuleCommands(storage.rules, () => 'new rule');
      await rules.createRule(OPERATOR, createRuleInput({ userId: 'zoe', opening: 'New door' }));
      const { entries } = await storage.eventLog.read(position, 10);
      expect(entries).toMatchObject([{ position: position + 1, type: 'RuleCreated' }]);
      expect(await storage.auditTrail.verifyEnds()).toEqual([]);
      await expect(runSql(target.db, sql`delete from audit_entries`)).rejects.toThrow();
    });
    expect(existsSync(join(test.folder, MONITORING_FILE.migratedName))).toBe(true);
    expect(() => assertMonitoringNotMoved(test.folder)).toThrow('set DATABASE_URL');
    expect(await callMigrateStore({ isFinishing: true })).toBeUndefined();
    // The way back, and a log that goes on there.
    renameSync(join(test.folder, MONITORING_FILE.migratedName), join(test.folder, MONITORING_FILE.name));
    await expect(migrate({ isFinishing: true })).rejects.toThrow('complete already');
    expect(existsSync(join(test.folder, MONITORING_FILE.name))).toBe(true);
  });

  it('continues where it was interrupted, and repairs what was changed before', async () => {
    await fill('ana');
    for (let count = 0; count < 5; count++) await record('ana', 1_000, 1_000 * (count + 1));
    let pages = 0;
    // Each check of `isStopped` is a page.
    const isStopped = () => ++pages > 4;
    await expect(migrate({ isStopped })).rejects.toThrow('Run the command again to continue');
    await withTarget((target) =>
      expect(assertMonitoringCopied(target.reader)).rejects.toThrow('unfinished copy'),
    );
    const pagesBefore = pages;
    const rest = await migrate();
    pages = 0;
    const again = await migrate({ isStopped: () => ++pages < 0 });
    expect(rest.rows).toBeLessThan(again.rows);
    expect(again.copiedRows).toBe(0);
    expect(pages).toBeGreaterThan(pagesBefore);
    await withTarget(async ({ db }) => {
      // Its page conflicts with the one where the reading belongs.
      await runSql(db, sql`update readings set code = 9 where id = 'ana 1500'`);
      await runSql(db, sql`delete from openings where name = 'Door 2'`);
    });
    expect(await finish()).toMatchObject({ isComplete: true });
    const database = await withTarget((target) => readAll(target.reader));
    expect(database['openings']).toHaveLength(3);
    expect(JSON.stringify(database)).not.toContain('"code":9');
  });

  it('continues after the process was killed', async () => {
    await fill('ana');
    const insert = test.sqlite.prepare('insert into readings values (1, 2, ?, ?, 1, null, 1)');
    test.sqlite.transaction(() => {
      for (let index = 0; index < OLD_READINGS; index++) insert.run(index, `old ${index}`);
    })();
    const copying = startProgram();
    const log = createInterface({ input: copying.stdout });
    // The readings come after the openings.
    for await (const line of log) if (line.includes('"openings"')) break;
    copying.kill('SIGKILL');
    await once(copying, 'exit');
    const stored = await withTarget(async ({ reader }) => {
      const [row] = await queryRows<{ count: number }>(reader, sql`select count(*) as count from readings`);
      return Number(row?.count);
    });
    expect(stored).toBeLessThan(OLD_READINGS + 100);
    const rest = startProgram();
    expect(await text(rest.stdout)).toContain('"isComplete":false');
    expect(await finish()).toMatchObject({ isComplete: true, copiedRows: 0 });
    const { readings } = await withTarget((target) => readAll(target.reader));
    expect(readings).toHaveLength(OLD_READINGS + 100);
  }, 60_000);

  it('refuses a target that is not empty, or that has the copy of another log', async () => {
    const target = await openPostgresMonitoringDatabase({ url: databaseUrl, logger });
    await runSql(target.db, sql`insert into openings (user_id, name) values ('ana', 'Shop')`);
    await expect(migrate()).rejects.toThrow('its table openings has rows');
    await runSql(target.db, sql`delete from openings`);
    await target.close();
    await migrate();
    const other = await openTestStorage();
    await expect(migrate({ folder: other.folder })).rejects.toThrow('another event log');
    await other.close();
  });

  it('refuses to finish while monitoring runs, and a source that does not exist', async () => {
    await expect(migrate({ isFinishing: true })).rejects.toThrow('already works');
    await expect(migrate({ folder: '/nowhere' })).rejects.toThrow('Set DATA_DIR');
  });

  it('runs once at a time', async () => {
    await fill('ana');
    let second: Promise<unknown> | undefined;
    await migrate({
      onTable: () => {
        second ??= migrate().catch((error: unknown) => error);
      },
    }).then(() => second);
    const outcome = await second;
    // It begins after the first one if that is faster than its connection.
    if (outcome instanceof Error) expect(outcome.message).toContain('Another npm run migrate-store');
  });
});

it('the source is read in the order that PostgreSQL has', async () => {
  const names = ['a', 'B', 'ä', '_', '-', '. .', 'ab', '☃', '😀', '\uffee', 'Z'];
  for (const clientMutationId of names)
    await test.commands.createRule({ ...createRuleInput({ name: clientMutationId }), clientMutationId });
  await migrate();
  expect((await migrate()).copiedRows).toBe(0);
});
