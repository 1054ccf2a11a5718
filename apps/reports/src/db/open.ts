import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type OpenReportsDatabase = SqliteDatabase<typeof schema>;
export type Db = OpenReportsDatabase['db'];

/**
 * A commit does not wait for the disk: what a power cut takes, it takes together with the checkpoint, so the projector
 * reads it from the log again.
 * @param onStatement told each statement as it is run
 */
export const openReportsDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): OpenReportsDatabase =>
  openSqliteDatabase({
    folder,
    name: 'reports',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'NORMAL',
    onStatement,
  });
