import { openSqliteDatabase, type SqliteDatabase } from '@seguridad-abc/platform';
import * as schema from './schema.js';

export type OpenMonitoringDatabase = SqliteDatabase<typeof schema>;
export type Db = OpenMonitoringDatabase['db'];

/** What a command was told is saved must survive a power cut: every commit waits for the disk. */
export const openMonitoringDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): OpenMonitoringDatabase =>
  openSqliteDatabase({
    folder,
    onStatement,
    name: 'monitoring',
    schema,
    migrations: new URL('../../drizzle', import.meta.url),
    synchronous: 'FULL',
  });
