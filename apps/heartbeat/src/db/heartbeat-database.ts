import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type HeartbeatDatabase = SqliteDatabase<typeof schema>;
export type HeartbeatDrizzle = HeartbeatDatabase['db'];

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
  openSqliteDatabase({
    folder,
    name: 'heartbeat',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'NORMAL',
    onStatement,
  });
