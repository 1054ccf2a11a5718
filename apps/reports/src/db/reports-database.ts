import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  openSqliteDatabase,
  openSqliteFile,
  type SqliteDatabase,
  type SqliteDatabaseOptions,
} from '@seguridad-abc/platform/storage';
import * as schema from './schema.js';

/** The open read model database. */
export type ReportsDatabase = SqliteDatabase<typeof schema>;

/** The drizzle handle that runs statements on the read model. */
export type ReportsDrizzle = ReportsDatabase['db'];

/** The name of the database file, without its extension, and of the lock. */
export const READ_MODEL_NAME = 'reports';

/**
 * The version of what the projection writes. To be increased by a change after which a stored read model must be built
 * again from the event log. The file has it as `user_version`. Version 1 has the instants at which openings were heard, version 2 the
 * timelines of alarms and the queue.
 */
const READ_MODEL_VERSION = 2;

/** The `user_version` of a read model that lacks events of a log that was restored. */
const INCOMPLETE_VERSION = -1;

const MIGRATIONS = new URL('../../drizzle', import.meta.url);

const getOptions = (
  onStatement?: (statement: string) => void,
): Omit<SqliteDatabaseOptions<typeof schema>, 'folder' | 'name'> => ({
  schema,
  migrations: MIGRATIONS,
  synchronous: 'NORMAL',
  isRebuilt: true,
  onStatement,
});

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
): ReportsDatabase => openSqliteDatabase({ folder, name: READ_MODEL_NAME, ...getOptions(onStatement) });

/**
 * Opens a file as {@link openReportsDatabase} does, without the lock of its folder.
 * @throws the error of SQLite if the file cannot be used
 */
export const openReportsFile = (file: string, onStatement?: (statement: string) => void): ReportsDatabase =>
  openSqliteFile(file, getOptions(onStatement));

/** Marks a complete read model as one of this software version. */
export const markReadModelVersion = ({ db }: ReportsDatabase): void =>
  void db.$client.pragma(`user_version = ${READ_MODEL_VERSION}`);

/** Marks a read model that lacks events, so that the next start builds it again. {@link markReadModelVersion} ends that. */
export const markReadModelIncomplete = ({ db }: ReportsDatabase): void =>
  void db.$client.pragma(`user_version = ${INCOMPLETE_VERSION}`);

/** Whether a read model was marked by {@link markReadModelIncomplete}. */
export const isMarkedIncomplete = ({ db }: ReportsDatabase): boolean =>
  db.$client.pragma('user_version', { simple: true }) === INCOMPLETE_VERSION;

/** How many migrations this software version knows. */
function countKnownMigrations(): number {
  const journal = readFileSync(join(MIGRATIONS.pathname, 'meta', '_journal.json'), 'utf8');
  return (JSON.parse(journal) as { entries: unknown[] }).entries.length;
}

/** Names the read models that this software version can use as they are: the projection's version and that of the tables. */
export const getReadModelFormat = (): string => `${READ_MODEL_VERSION}.${countKnownMigrations()}`;

/** Whether another software version has written a read model, so that it must be built again. */
export function isOfOtherVersion({ db }: ReportsDatabase): boolean {
  const known = countKnownMigrations();
  const applied = db.$client.prepare('select count(*) from __drizzle_migrations').pluck().get() as number;
  return applied > known || db.$client.pragma('user_version', { simple: true }) !== READ_MODEL_VERSION;
}
