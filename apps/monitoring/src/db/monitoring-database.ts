import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  createSnapshotReader,
  openSqliteDatabase,
  openSqliteReader,
  removeSqliteFiles,
  StartError,
  type Logger,
  type SnapshotReader,
  type SqliteDatabase,
} from '@seguridad-abc/platform';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type { MonitoringTables } from './schema.js';
import * as schema from './sqlite-schema.js';

/**
 * A connection to the monitoring database, for Drizzle's queries. Its types are those of SQLite, but each result is a promise; at
 * run time it may be PostgreSQL. A transaction is opened by the group commit only.
 */
export type MonitoringDrizzle = Pick<
  BaseSQLiteDatabase<'async', unknown, MonitoringTables>,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | '$with' | 'with'
>;

/** The open monitoring database. */
export interface MonitoringDatabase {
  /** The write connection. Only work of the group commit uses it: what else ran on it would be part of the open transaction. */
  readonly db: MonitoringDrizzle;
  /** A second connection for reads outside transactions: it never sees what is not committed. */
  readonly reader: MonitoringDrizzle;
  /** Reads of several statements that see one moment, such as a page of the log. */
  readonly snapshots: SnapshotReader<MonitoringDrizzle>;
  /** A connection for short statements outside transactions, which must not wait for commands. SQLite has none. */
  readonly control?: MonitoringDrizzle | undefined;
  /** The path of SQLite's file; undefined for PostgreSQL. */
  readonly file: string | undefined;
  close(): Promise<void>;
}

/** The monitoring database in a SQLite file. */
export interface SqliteMonitoringDatabase extends MonitoringDatabase {
  readonly file: string;
  /** The write connection below Drizzle, for what exists only on SQLite. */
  readonly client: SqliteDatabase<typeof schema>['db']['$client'];
}

/** Whether a database is a SQLite file. */
export const isSqliteDatabase = (database: MonitoringDatabase): database is SqliteMonitoringDatabase =>
  database.file !== undefined;

/** Pages of the database that stay in memory. */
const PAGE_CACHE_KIB = 8_192; // 8 MiB

/** Unlike the databases of reports and heartbeat, this one is never replaced: nothing else has the event log. */
const DAMAGE_REMEDY =
  'It holds the event log, which cannot be built again: keep a copy of the file, and restore the last backup.';

const DATABASE_NAME = 'monitoring';
const RESCUED_FILE = `${DATABASE_NAME}.rescued.sqlite`;

/**
 * Opens `monitoring.sqlite` and applies pending migrations. Every commit waits for the disk (`synchronous = FULL`), because
 * a saved command must survive a power cut.
 * @param onStatement is called with each SQL statement that runs
 * @throws StartError if it cannot be used, or is missing while its content was rescued
 */
export const openMonitoringDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): SqliteMonitoringDatabase => {
  const rescued = join(folder, RESCUED_FILE);
  if (!existsSync(join(folder, `${DATABASE_NAME}.sqlite`)) && existsSync(rescued))
    throw new StartError(
      `${DATABASE_NAME}.sqlite was deleted while monitoring ran. ${rescued} has its content: rename it to ${DATABASE_NAME}.sqlite.`,
    );
  const database = openSqliteDatabase({
    folder,
    onStatement,
    name: DATABASE_NAME,
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'FULL',
    damageRemedy: DAMAGE_REMEDY,
  });
  const { $client } = database.db;
  const reader = openSqliteReader(database.file, schema, onStatement);
  const snapshotReader = openSqliteReader(database.file, schema, onStatement);
  // What a savepoint needs to roll a command back stays in memory. Otherwise SQLite writes it to a file when it exceeds 64 KiB.
  $client.pragma('temp_store = MEMORY');
  // The default of 2 MiB is less than the pages that a group of commands changes.
  $client.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  return {
    // At run time, drizzle's queries of better-sqlite3 are promises too.
    db: database.db as unknown as MonitoringDrizzle,
    reader: reader.db as unknown as MonitoringDrizzle,
    snapshots: createSnapshotReader(snapshotReader.db as unknown as MonitoringDrizzle),
    file: database.file,
    client: $client,
    close() {
      reader.close();
      snapshotReader.close();
      database.close();
      return Promise.resolve();
    },
  };
};

/**
 * Copies the content of the open database into another file, because its own was deleted or replaced: the content ends with this
 * process. Other work goes on meanwhile. It logs where the copy is, or that there is none, and never rejects.
 */
export async function rescueDatabase(
  { client, file }: SqliteMonitoringDatabase,
  logger: Logger,
): Promise<void> {
  const target = join(dirname(file), RESCUED_FILE);
  try {
    removeSqliteFiles(target);
    await client.backup(target);
    logger.fatal(
      { file, target },
      'the content of the database was copied: stop monitoring, and put the copy in the place of the file',
    );
  } catch (error) {
    logger.fatal(
      { file, err: error },
      'the content of the database could not be copied: it is lost when monitoring stops',
    );
  }
}
