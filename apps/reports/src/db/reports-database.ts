import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

/** The open read model database. */
export type ReportsDatabase = SqliteDatabase<typeof schema>;

/** The drizzle handle that runs statements on the read model. */
export type ReportsDrizzle = ReportsDatabase['db'];

/**
 * Opens `reports.sqlite` in `folder` and applies outstanding migrations.
 * Commits do not wait for the disk (`synchronous = NORMAL`). If a power cut loses the last commits, it loses their
 * checkpoint with them, and the projector reads those entries from the log again.
 * @param onStatement called with the text of each statement that runs
 * @throws StartError if the folder or the file cannot be used, or another process has it open
 */
export const openReportsDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): ReportsDatabase =>
  openSqliteDatabase({
    folder,
    name: 'reports',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'NORMAL',
    onStatement,
  });
