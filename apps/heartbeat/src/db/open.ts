import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type OpenHeartbeatDatabase = SqliteDatabase<typeof schema>;
export type Db = OpenHeartbeatDatabase['db'];

/**
 * A commit does not wait for the disk, so that a slow one does not hold up the watch: a power cut may take the last
 * transitions, and the time from the last one left is then told as not observed.
 * @param onStatement told each statement as it is run
 */
export const openHeartbeatDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): OpenHeartbeatDatabase =>
  openSqliteDatabase({
    folder,
    name: 'heartbeat',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'NORMAL',
    onStatement,
  });
