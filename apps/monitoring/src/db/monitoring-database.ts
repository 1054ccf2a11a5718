import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  openSqliteDatabase,
  removeSqliteFiles,
  StartError,
  type Logger,
  type SqliteDatabase,
} from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type MonitoringDatabase = SqliteDatabase<typeof schema>;
/** The Drizzle connection of the monitoring database. */
export type MonitoringDrizzle = MonitoringDatabase['db'];

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
): MonitoringDatabase => {
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
  // What a savepoint needs to roll a command back stays in memory. Otherwise SQLite writes it to a file when it exceeds 64 KiB.
  $client.pragma('temp_store = MEMORY');
  // The default of 2 MiB is less than the pages that a group of commands changes.
  $client.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  return database;
};

/**
 * Copies the content of the open database into another file, because its own was deleted or replaced: the content ends with this
 * process. Other work goes on meanwhile. It logs where the copy is, or that there is none, and never rejects.
 */
export async function rescueDatabase({ db, file }: MonitoringDatabase, logger: Logger): Promise<void> {
  const target = join(dirname(file), RESCUED_FILE);
  try {
    removeSqliteFiles(target);
    await db.$client.backup(target);
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
