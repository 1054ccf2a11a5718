import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  openDatabaseFile,
  runInTransaction,
  StartError,
  type Logger,
  type SqliteFile,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { createAuditTrail } from '../audit/audit-trail.js';
import { openMonitoringDatabase, type MonitoringDatabase } from '../db/monitoring-database.js';
import { openPostgresMonitoringDatabase } from '../db/postgres-database.js';
import { queryRows, runSql } from '../db/prepared-statement.js';
import { listCopiedTables, quoteName, type CopiedTable } from './copied-tables.js';
import {
  completeMigration,
  createMigration,
  findFilledTable,
  findMigration,
  MIGRATED_FILE,
  savePlaces,
  SQLITE_FILE,
  type MigrationRecord,
} from './migration-record.js';
import { copyTable, type TableCopyResult } from './table-copy.js';

export interface StoreMigrationOptions {
  /** The data folder with `monitoring.sqlite`. */
  readonly folder: string;
  /** The URL of an empty PostgreSQL database, or of one that an earlier call has begun to fill. */
  readonly databaseUrl: string;
  /** Whether to copy the rest and to verify everything; monitoring must be stopped. Otherwise it may run. */
  readonly isFinishing: boolean;
  /** Called when a table is done. */
  readonly onTable: (table: string, result: TableCopyResult) => void;
  readonly isStopped: () => boolean;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/** What a call has done. */
export interface StoreMigrationResult {
  readonly tables: number;
  readonly rows: number;
  /** Rows of the pages that differed. */
  readonly copiedRows: number;
  /** Where the event log ends. */
  readonly position: number;
  /** Whether monitoring can use the database from now on. */
  readonly isComplete: boolean;
}

/** Identifies this command among the advisory locks of the database. */
const MIGRATION_LOCK = sql.raw('1751347567, 1');

/**
 * Copies the monitoring database from SQLite to PostgreSQL. Calls without `isFinishing` copy what has changed while monitoring
 * works; a call that was interrupted continues where it was. The last call copies the rest without monitoring, and compares all
 * rows of both databases.
 * @throws StartError if the target is not empty or has another log, the source cannot be used, or the databases differ
 */
export async function migrateStore(options: StoreMigrationOptions): Promise<StoreMigrationResult> {
  const { databaseUrl, isFinishing, logger } = options;
  const target = await openPostgresMonitoringDatabase({ url: databaseUrl, logger });
  try {
    await lockTarget(target.db);
    return isFinishing ? await finish(options, target) : await copyWhileRunning(options, target);
  } finally {
    // The lock ends with the connection.
    await target.close();
  }
}

/**
 * Takes the lock of the database, which ends with the connection: also if it is open again after it was lost.
 * @throws StartError if another process has it
 */
async function lockTarget(db: object): Promise<void> {
  const [lock] = await queryRows<{ isFree: boolean }>(
    db,
    sql`select pg_try_advisory_lock(${MIGRATION_LOCK}) as "isFree"`,
  );
  if (!lock?.isFree) throw new StartError('Another npm run migrate-store works on this database.');
}

async function copyWhileRunning(
  { folder, onTable, isStopped }: StoreMigrationOptions,
  { db }: MonitoringDatabase,
): Promise<StoreMigrationResult> {
  const source = openSource(join(folder, SQLITE_FILE));
  try {
    const tables = listCopiedTables();
    const { places } = await beginMigration(db, tables, readLogId(source));
    const done = { ...places };
    const results: TableCopyResult[] = [];
    await setAuditTriggers(db, 'disable');
    for (const table of tables) {
      const place = done[table.name];
      if (place === null) continue;
      const result = await copyTable({
        source,
        target: db,
        table,
        after: place,
        onPage: async ({ lastKey }) => {
          await lockTarget(db);
          if (lastKey) done[table.name] = lastKey;
          await savePlaces(db, done);
        },
        isStopped,
      });
      done[table.name] = null;
      results.push(result);
      onTable(table.name, result);
    }
    // The next call begins again, and finds what has changed.
    await savePlaces(db, {});
    return summarize(results, await readHead(db), false);
  } finally {
    source.close();
  }
}

async function finish(
  options: StoreMigrationOptions,
  target: MonitoringDatabase,
): Promise<StoreMigrationResult> {
  const { folder, onTable, isStopped, now } = options;
  const tables = listCopiedTables();
  const { db } = target;
  if (!existsSync(join(folder, SQLITE_FILE)) && existsSync(join(folder, MIGRATED_FILE)))
    throw new StartError(`The database in ${folder} was moved already: start monitoring with DATABASE_URL.`);
  // It takes the lock of monitoring, so monitoring is stopped until the end.
  const database = openMonitoringDatabase(folder);
  try {
    const source = database.client;
    await beginMigration(db, tables, readLogId(source));
    await setAuditTriggers(db, 'disable');
    const results: TableCopyResult[] = [];
    for (const table of tables) {
      const result = await copyTable({
        source,
        target: db,
        table,
        onPage: () => lockTarget(db),
        isStopped,
      });
      results.push(result);
      onTable(table.name, result);
      assertEqual(table, result);
    }
    await runInTransaction(db, async () => {
      await setLogHead(db);
      for (const table of tables) await setNextId(db, table);
      await setAuditTriggers(db, 'enable');
    });
    await assertAuditTrailIsWhole(target);
    const position = await readHead(db);
    await completeMigration(db, now());
    return summarize(results, position, true);
  } finally {
    await database.close();
    const migration = await findMigration(db).catch(() => undefined);
    // A monitoring without DATABASE_URL would continue an old log.
    if (migration && migration.completedAt !== null)
      renameSync(join(folder, SQLITE_FILE), join(folder, MIGRATED_FILE));
  }
}

/** The service may write meanwhile. */
function openSource(path: string): SqliteFile {
  try {
    return openDatabaseFile(path, { isReadOnly: true });
  } catch (error) {
    throw new StartError(`${path} cannot be read. Set DATA_DIR to the data folder of the installation.`, {
      cause: error,
    });
  }
}

function readLogId(source: SqliteFile): string {
  const log = source.prepare<[], { id: string }>('select id from log').get();
  if (!log) throw new StartError('The SQLite database has no event log. Start monitoring with it once.');
  return log.id;
}

/** @throws StartError if the target holds something else */
async function beginMigration(
  db: object,
  tables: readonly CopiedTable[],
  logId: string,
): Promise<MigrationRecord> {
  const migration = await findMigration(db);
  if (migration && migration.completedAt !== null)
    throw new StartError(
      'This PostgreSQL database is complete already: monitoring uses it. Choose an empty one to copy again.',
    );
  if (migration && migration.logId !== logId)
    throw new StartError(
      'This PostgreSQL database holds the copy of another event log, or of one from before a restore. Choose an empty one.',
    );
  if (migration) return migration;
  const filled = await findFilledTable(db, tables);
  if (filled !== undefined)
    throw new StartError(
      `This PostgreSQL database is not empty: its table ${filled} has rows. Choose an empty one.`,
    );
  return runInTransaction(db, () => createMigration(db, logId));
}

/** @throws StartError if the rows that were read back from the target differ from those of the source */
function assertEqual({ name }: CopiedTable, { digest, targetDigest }: TableCopyResult): void {
  if (digest === targetDigest) return;
  throw new StartError(
    `The table ${name} differs between SQLite and PostgreSQL. Repeat the command; if it fails again, report it with the version of PostgreSQL.`,
  );
}

/** Erasures and retention change the audit trail; its triggers would refuse to repeat that. */
const setAuditTriggers = async (db: object, action: 'enable' | 'disable'): Promise<void> => {
  for (const table of ['audit_entries', 'audit_pruning'])
    await runSql(db, sql.raw(`alter table ${quoteName(table)} ${action} trigger user`));
};

/** The next entries of the log and of the audit trail follow the copied ones. */
const setLogHead = async (db: object): Promise<void> => {
  const lastEntry = sql`select sequence, at, hash from audit_entries order by sequence desc limit 1`;
  await runSql(
    db,
    sql`insert into log_head (id, position, audit_sequence, audit_at, audit_hash)
      select 1, coalesce((select max(position) from events), (select max(position) from log_horizon), 0),
        coalesce((select sequence from (${lastEntry}) as last), (select max(sequence) from audit_pruning), 0),
        (select at from (${lastEntry}) as last),
        coalesce((select hash from (${lastEntry}) as last), (select max(hash) from audit_pruning))
      on conflict (id) do update set position = excluded.position, audit_sequence = excluded.audit_sequence,
        audit_at = excluded.audit_at, audit_hash = excluded.audit_hash`,
  );
};

/** The database gives the next row of a table the next id. */
const setNextId = async (db: object, { name, key }: CopiedTable): Promise<void> => {
  const [column] = key;
  if (key.length !== 1 || column?.type !== 'bigint') return;
  const sequence = sql`pg_get_serial_sequence(${name}, ${column.name})`;
  const last = sql.raw(`(select max(${quoteName(column.name)}) from ${quoteName(name)})`);
  await queryRows(
    db,
    sql`select setval(${sequence}, coalesce(${last}, 0) + 1, false) where ${sequence} is not null`,
  );
};

async function assertAuditTrailIsWhole(database: MonitoringDatabase): Promise<void> {
  const trail = createAuditTrail({ ...database, appendAuditEntry: () => undefined });
  const [problem] = await trail.verifyEnds();
  if (problem)
    throw new StartError(`The audit trail of the copy is not whole: ${problem.problem} See docs/audit.md.`);
}

async function readHead(db: object): Promise<number> {
  const [row] = await queryRows<{ position: number }>(
    db,
    sql`select coalesce((select max(position) from events), (select max(position) from log_horizon), 0) as position`,
  );
  return row?.position ?? 0;
}

const summarize = (
  results: readonly TableCopyResult[],
  position: number,
  isComplete: boolean,
): StoreMigrationResult => ({
  tables: results.length,
  rows: results.reduce((sum, { rows }) => sum + rows, 0),
  copiedRows: results.reduce((sum, { copiedRows }) => sum + copiedRows, 0),
  position,
  isComplete,
});
