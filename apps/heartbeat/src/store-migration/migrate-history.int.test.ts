import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  createLogger,
  createPostgresConnection,
  parsePostgresUrl,
  queryRows,
  runSql,
} from '@seguridad-abc/platform';
import {
  eventually,
  startPostgres,
  startRedis,
  temporaryFolder,
  type TestPostgres,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openHeartbeatDatabase } from '../db/heartbeat-database.js';
import type { RecordedTransition } from '../db/health-repositories.js';
import { migrateHealthDatabase } from '../db/postgres-database.js';
import { createHealthHistoryRepository, createMaintenanceRepository } from '../db/sql-health-repositories.js';
import { startHeartbeat } from '../testing/running-heartbeat.js';
import { HISTORY_FILE, listHistoryTables } from './copied-history.js';
import { migrateHistory, type HistoryMigrationOptions } from './migrate-history.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const logger = createLogger('heartbeat', 'silent');

let server: TestPostgres;
let redis: TestRedis;
let databaseUrl: string;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  server = await startPostgres();
  redis = await startRedis();
});
afterAll(async () => {
  await server.close();
  await redis.close();
});
beforeEach(async () => {
  databaseUrl = await server.createDatabase();
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const migrate = (options: Partial<HistoryMigrationOptions> = {}) =>
  migrateHistory({
    folder: folder.path,
    databaseUrl,
    isFinishing: false,
    onTable: () => undefined,
    isStopped: () => false,
    now: () => '2026-03-02T12:00:00.000Z',
    logger,
    ...options,
  });
const finish = () => migrate({ isFinishing: true });

/** Work on the database of the file while nothing else has it open. */
async function withFile<Result>(
  work: (database: ReturnType<typeof openHeartbeatDatabase>) => Promise<Result>,
): Promise<Result> {
  const database = openHeartbeatDatabase(folder.path);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
async function withTarget<Result>(work: (db: object) => Promise<Result>): Promise<Result> {
  const address = parsePostgresUrl(databaseUrl);
  const target = createPostgresConnection({ address, applicationName: 'test', logger });
  try {
    return await work(target.db);
  } finally {
    await target.close();
  }
}
/** Transitions that a compaction does not merge. */
const createTransitions = (count: number, first = 1): RecordedTransition[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `7-${first + index}`,
    service: index % 2 === 0 ? 'reports' : 'L\'été {a,"b"} \\ ☃',
    from: 'UP' as const,
    to: 'DOWN' as const,
    at: Date.now() - 20 * DAY_MS + first + index,
    reason: 'no heartbeat since 10 s',
  }));
const save = (transitions: readonly RecordedTransition[]) =>
  withFile(({ store }) =>
    createHealthHistoryRepository(store).save(transitions, {
      aliveAt: Date.now(),
      services: [],
      term: 7,
      lastTransition: transitions.at(-1)?.id,
    }),
  );
const saveMaintenance = (service: string) =>
  withFile(({ store }) =>
    createMaintenanceRepository(store).save({
      service,
      revision: 2,
      reason: 'new disk',
      since: '2026-01-31T08:00:00.000Z',
      until: null,
      isEnded: false,
    }),
  );

const readAll = async (db: object, isTarget: boolean) => {
  const rows: Record<string, unknown[]> = {};
  for (const { name, targetName } of listHistoryTables())
    rows[name] = await queryRows(
      db,
      sql`select * from ${sql.raw(isTarget ? targetName : `"${name}"`)} order by 1`,
    );
  for (const row of rows['maintenance'] ?? [])
    Object.assign(row as object, { is_ended: Boolean((row as { is_ended: unknown }).is_ended) });
  return rows;
};
const queryReports = async (running: Awaited<ReturnType<typeof startHeartbeat>>) =>
  (await running.query('{ service(name: "reports") { status transitions { from to reason } } }')) as {
    data: { service: { status: string; transitions: { reason: string }[] } };
  };

describe('the copy of the health history', () => {
  it('has every row, also of what has changed since an earlier copy', async () => {
    await save(createTransitions(1_500));
    await saveMaintenance('gateway');
    const first = await migrate();
    expect(first).toMatchObject({ isComplete: false, tables: 3, rows: 1_502, copiedRows: 1_502 });
    await save(createTransitions(10, 1_501));
    await saveMaintenance('reports');
    // As a compaction does.
    await withFile(({ db }) => runSql(db, sql`delete from transitions where id = 7`));
    const expected = await withFile(({ db }) => readAll(db, false));

    expect(await finish()).toMatchObject({ isComplete: true, rows: 1_512 });

    expect(await withTarget((db) => readAll(db, true))).toEqual(expected);
    expect(existsSync(join(folder.path, HISTORY_FILE.migratedName))).toBe(true);
    expect(await finish()).toBeUndefined();
    // It is only known to the database that has the copy.
    databaseUrl = await server.createDatabase();
    await expect(finish()).rejects.toThrow('to another PostgreSQL database');
  });

  it('is finished by the same command, if that ended just before', async () => {
    await save(createTransitions(10));
    const crash = () => {
      throw new Error('ended');
    };
    await expect(migrate({ isFinishing: true, now: crash })).rejects.toThrow('ended');
    // Nobody can use either database meanwhile.
    await expect(startHeartbeat(redis.url, { folder: folder.path })).rejects.toThrow('set DATABASE_URL');
    await expect(startHeartbeat(redis.url, { databaseUrl })).rejects.toThrow('unfinished copy');
    // Another failure changes nothing.
    await expect(migrate({ isFinishing: true, isStopped: () => true })).rejects.toThrow('again');
    expect(existsSync(join(folder.path, HISTORY_FILE.migratedName))).toBe(true);

    expect(await finish()).toMatchObject({ isComplete: true, rows: 11 });
    expect(existsSync(join(folder.path, HISTORY_FILE.name))).toBe(false);
    const monitor = await startHeartbeat(redis.url, { databaseUrl });
    await monitor.service.stop();
  });

  it('does not move the file of another monitor, or one that was used again', async () => {
    await save(createTransitions(10));
    await finish();
    renameSync(join(folder.path, HISTORY_FILE.migratedName), join(folder.path, HISTORY_FILE.name));
    await save(createTransitions(10, 11));
    await expect(finish()).rejects.toThrow('complete already');
    expect(existsSync(join(folder.path, HISTORY_FILE.name))).toBe(true);
  });

  it('continues where it was interrupted', async () => {
    await save(createTransitions(3_000));
    let pages = 0;
    // Each check of `isStopped` is a page.
    await expect(migrate({ isStopped: () => ++pages > 2 })).rejects.toThrow('Run the command again');
    await expect(startHeartbeat(redis.url, { databaseUrl })).rejects.toThrow('unfinished copy');
    expect((await migrate())?.rows).toBeLessThan(2_000);
    expect(await finish()).toMatchObject({ isComplete: true, rows: 3_001, copiedRows: 0 });
  });

  it('does not keep fractions of a millisecond, which earlier software has stored', async () => {
    await save(createTransitions(1));
    await withFile(({ db }) => runSql(db, sql`update transitions set at = 1234.5`));
    await migrate();
    const { transitions } = await withTarget((db) => readAll(db, true));
    expect(transitions).toMatchObject([{ at: 1234 }]);
  });

  it('needs a database without a history, a file, and, to finish, a stopped heartbeat', async () => {
    await expect(migrate()).rejects.toThrow('Set DATA_DIR');
    await expect(finish()).rejects.toThrow('Set DATA_DIR');
    await save(createTransitions(1));
    await withFile(() => expect(finish()).rejects.toThrow('already works'));
    await migrateHealthDatabase(databaseUrl, logger);
    await withTarget((db) =>
      runSql(
        db,
        sql`insert into heartbeat.maintenance (service, reason, since) values ('reports', 'new disk', 1)`,
      ),
    );
    await expect(migrate()).rejects.toThrow('its table heartbeat.maintenance has rows');
  });
});

it('a monitor continues with the history that was copied while another one ran', async () => {
  await save(createTransitions(5));
  const before = await startHeartbeat(redis.url, { folder: folder.path });
  await migrate();
  await before.service.stop();
  await finish();
  await expect(startHeartbeat(redis.url, { folder: folder.path })).rejects.toThrow('set DATABASE_URL');

  const after = await startHeartbeat(redis.url, { databaseUrl });
  const { transitions } = (await queryReports(after)).data.service;
  expect(transitions.filter(({ reason }) => reason.startsWith('no heartbeat since 10 s'))).toHaveLength(3);
  // New transitions have ids after the copied ones: reports is silent.
  const ids = await eventually(async () => {
    const found = await withTarget((db) =>
      queryRows<{ id: number }>(db, sql`select id from heartbeat.transitions order by term, number`),
    );
    expect(found.length).toBeGreaterThan(5);
    return found.map(({ id }) => id);
  });
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  await after.service.stop();

  // The way back.
  renameSync(join(folder.path, HISTORY_FILE.migratedName), join(folder.path, HISTORY_FILE.name));
  await (await startHeartbeat(redis.url, { folder: folder.path })).service.stop();
});
