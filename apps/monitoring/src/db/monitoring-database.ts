import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type MonitoringDatabase = SqliteDatabase<typeof schema>;
/** The Drizzle connection of the monitoring database. */
export type MonitoringDrizzle = MonitoringDatabase['db'];

/**
 * Opens `monitoring.sqlite` and applies pending migrations. Every commit waits for the disk (`synchronous = FULL`), because
 * a saved command must survive a power cut.
 * @param onStatement is called with each SQL statement that runs
 */
export const openMonitoringDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): MonitoringDatabase =>
  openSqliteDatabase({
    folder,
    onStatement,
    name: 'monitoring',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'FULL',
  });
