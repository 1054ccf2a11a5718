import {
  openSqliteDatabase,
  openSqliteFile,
  type SqliteDatabase,
  type SqliteDatabaseOptions,
} from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type HeartbeatDatabase = SqliteDatabase<typeof schema>;
export type HeartbeatDrizzle = HeartbeatDatabase['db'];

/** The name of the database file, without its extension, and of the lock. */
export const HEARTBEAT_DATABASE_NAME = 'heartbeat';

const getOptions = (
  onStatement?: (statement: string) => void,
): Omit<SqliteDatabaseOptions<typeof schema>, 'folder' | 'name'> => ({
  schema,
  migrations: new URL('../../drizzle', import.meta.url),
  synchronous: 'NORMAL',
  onStatement,
});

/**
 * Opens the database of the heartbeat service. A commit does not wait for the disk, so that a slow disk does not delay
 * monitoring. After a power failure the last transitions may be missing; that time then counts as not observed.
 * @param onStatement receives each SQL statement when it runs
 * @throws StartError if the folder or the file cannot be used
 */
export const openHeartbeatDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): HeartbeatDatabase =>
  openSqliteDatabase({ folder, name: HEARTBEAT_DATABASE_NAME, ...getOptions(onStatement) });

/**
 * Opens a file as {@link openHeartbeatDatabase} does, without the lock of its folder.
 * @throws the error of SQLite if the file cannot be used
 */
export const openHeartbeatFile = (
  file: string,
  onStatement?: (statement: string) => void,
): HeartbeatDatabase => openSqliteFile(file, getOptions(onStatement));
