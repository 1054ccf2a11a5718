import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type MonitoringDatabase = SqliteDatabase<typeof schema>;
/** The Drizzle connection of the monitoring database. */
export type MonitoringDrizzle = MonitoringDatabase['db'];

/** Pages of the database that stay in memory. */
const PAGE_CACHE_KIB = 8_192; // 8 MiB

/** Unlike the databases of reports and heartbeat, this one is never replaced: nothing else has the event log. */
const DAMAGE_REMEDY =
  'It holds the event log, which cannot be built again: keep a copy of the file, and restore the last backup.';

/**
 * Opens `monitoring.sqlite` and applies pending migrations. Every commit waits for the disk (`synchronous = FULL`), because
 * a saved command must survive a power cut.
 * @param onStatement is called with each SQL statement that runs
 */
export const openMonitoringDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): MonitoringDatabase => {
  const database = openSqliteDatabase({
    folder,
    onStatement,
    name: 'monitoring',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'FULL',
    damageRemedy: DAMAGE_REMEDY,
  });
  const { $client } = database.db;
  // What a savepoint needs to roll a command back stays in memory. Otherwise SQLite writes it to a file when it exceeds 64 KiB.
  $client.pragma('temp_store = MEMORY');
  // The default of 2 MiB is less than the pages that a group of commands changes.
  $client.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  return database;
};
