import { join } from 'node:path';
import {
  createStoreCopy,
  finishFileCopy,
  openCopySource,
  runInTransaction,
  setNextId,
  StartError,
  summarizeStoreCopy,
  type Logger,
  type SqliteFile,
  type StoreCopy,
  type StoreCopyOptions,
  type StoreCopySummary,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { createAuditTrail } from '../audit/audit-trail.js';
import { openMonitoringDatabase, type MonitoringDatabase } from '../db/monitoring-database.js';
import { openPostgresMonitoringDatabase } from '../db/postgres-database.js';
import { queryRows, runSql } from '../db/prepared-statement.js';
import { listMonitoringTables, MONITORING_COPY_RECORDS, MONITORING_FILE } from './copied-database.js';

export interface StoreMigrationOptions extends Pick<StoreCopyOptions, 'onTable' | 'isStopped'> {
  /** The data folder with `monitoring.sqlite`. */
  readonly folder: string;
  /** The URL of an empty PostgreSQL database, or of one that an earlier call has begun to fill. */
  readonly databaseUrl: string;
  /** Whether to copy the rest and to verify everything; monitoring must be stopped. Otherwise it may run. */
  readonly isFinishing: boolean;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/** What a call has done. */
export interface StoreMigrationResult extends StoreCopySummary {
  /** Where the event log ends. */
  readonly position: number;
}

/** The copy of monitoring among those of the services. */
const LOCK_ID = 1;

/**
 * Copies the monitoring database from SQLite to PostgreSQL. Calls without `isFinishing` copy what has changed while monitoring
 * works; a call that was interrupted continues where it was. The last call copies the rest without monitoring, and compares all
 * rows of both databases.
 * @returns undefined if an earlier call was the last one
 * @throws StartError if the target is not empty or has another log, the source cannot be used, or the databases differ
 */
export async function migrateStore(
  options: StoreMigrationOptions,
): Promise<StoreMigrationResult | undefined> {
  const { folder, databaseUrl, isFinishing, onTable, isStopped, now, logger } = options;
  const target = await openPostgresMonitoringDatabase({ url: databaseUrl, logger });
  try {
    const copy = createStoreCopy({
      target: target.db,
      tables: listMonitoringTables(),
      records: MONITORING_COPY_RECORDS,
      lockId: LOCK_ID,
      onTable,
      isStopped,
    });
    if (!isFinishing) return await copyWhileRunning(folder, target, copy);
    const summary = await finishFileCopy({
      target: target.db,
      records: MONITORING_COPY_RECORDS,
      folder,
      file: MONITORING_FILE,
      now,
      copy: () => copyRest(folder, target, copy),
    });
    return summary && { ...summary, position: await readHead(target.db) };
  } finally {
    // The lock ends with the connection.
    await target.close();
  }
}

async function copyWhileRunning(
  folder: string,
  { db }: MonitoringDatabase,
  copy: StoreCopy,
): Promise<StoreMigrationResult> {
  const source = openCopySource(join(folder, MONITORING_FILE.name));
  try {
    await copy.begin(readLogId(source));
    await setAuditTriggers(db, 'disable');
    const results = await copy.copyChanges(source);
    return { ...summarizeStoreCopy(results, false), position: await readHead(db) };
  } finally {
    source.close();
  }
}

/** Copies the rest while monitoring is stopped. */
async function copyRest(
  folder: string,
  target: MonitoringDatabase,
  copy: StoreCopy,
): Promise<StoreCopySummary> {
  const { db } = target;
  // It takes the lock of monitoring, so monitoring is stopped until the end.
  const database = openMonitoringDatabase(folder);
  try {
    await copy.begin(readLogId(database.client));
    await setAuditTriggers(db, 'disable');
    const results = await copy.copyRest(database.client);
    await runInTransaction(db, async () => {
      await setLogHead(db);
      for (const table of listMonitoringTables()) await setNextId(db, table);
      await setAuditTriggers(db, 'enable');
    });
    await assertAuditTrailIsWhole(target);
    return summarizeStoreCopy(results, true);
  } finally {
    await database.close();
  }
}

function readLogId(source: SqliteFile): string {
  const log = source.prepare<[], { id: string }>('select id from log').get();
  if (!log) throw new StartError('The SQLite database has no event log. Start monitoring with it once.');
  return log.id;
}

/** Erasures and retention change the audit trail; its triggers would refuse to repeat that. */
const setAuditTriggers = async (db: object, action: 'enable' | 'disable'): Promise<void> => {
  for (const table of ['audit_entries', 'audit_pruning'])
    await runSql(db, sql.raw(`alter table ${table} ${action} trigger user`));
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
