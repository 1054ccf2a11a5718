import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { queryRows, runSql } from '../db/prepared-statement.js';
import { quoteName, type CopiedRow, type CopiedTable } from './copied-tables.js';

export const SQLITE_FILE = 'monitoring.sqlite';
/** What the SQLite file is called once its content is in PostgreSQL. */
export const MIGRATED_FILE = 'monitoring.migrated.sqlite';

/** What the target of a migration knows about it. */
export interface MigrationRecord {
  /** The id of the log that is copied. */
  readonly logId: string;
  /** The last key that is copied, by table. A table that is copied to its end has null. */
  readonly places: Readonly<Record<string, CopiedRow | null>>;
  readonly completedAt: string | null;
}

/** Only a database to which another one was copied has this table. */
const MIGRATION_TABLE = sql.identifier('store_migration');

async function hasMigrationTable(db: object): Promise<boolean> {
  const [found] = await queryRows<{ name: string | null }>(
    db,
    sql`select to_regclass('store_migration')::text as name`,
  );
  return (found?.name ?? null) !== null;
}

/** @returns undefined if no database was ever copied to this one */
export async function findMigration(db: object): Promise<MigrationRecord | undefined> {
  if (!(await hasMigrationTable(db))) return undefined;
  const [row] = await queryRows<{ logId: string; places: string; completedAt: string | null }>(
    db,
    sql`select log_id as "logId", places, completed_at as "completedAt" from ${MIGRATION_TABLE}`,
  );
  return row && { ...row, places: JSON.parse(row.places) as MigrationRecord['places'] };
}

/** To be called inside a transaction. */
export async function createMigration(db: object, logId: string): Promise<MigrationRecord> {
  await runSql(
    db,
    sql`create table ${MIGRATION_TABLE} (log_id text primary key, places text not null, completed_at text)`,
  );
  await runSql(db, sql`insert into ${MIGRATION_TABLE} values (${logId}, '{}', null)`);
  return { logId, places: {}, completedAt: null };
}

export async function savePlaces(db: object, places: MigrationRecord['places']): Promise<void> {
  await runSql(db, sql`update ${MIGRATION_TABLE} set places = ${JSON.stringify(places)}`);
}

export async function completeMigration(db: object, now: string): Promise<void> {
  await runSql(db, sql`update ${MIGRATION_TABLE} set completed_at = ${now}`);
}

/** Finds a table of a database that has rows. */
export async function findFilledTable(
  db: object,
  tables: readonly CopiedTable[],
): Promise<string | undefined> {
  for (const { name } of tables) {
    const [row] = await queryRows<{ isFilled: boolean }>(
      db,
      sql`select exists (select 1 from ${sql.raw(quoteName(name))}) as "isFilled"`,
    );
    if (row?.isFilled) return name;
  }
  return undefined;
}

/** @throws StartError if `npm run migrate-store` has begun to fill the database, and not finished */
export async function assertMigrationComplete(db: object): Promise<void> {
  const migration = await findMigration(db);
  if (migration?.completedAt === null)
    throw new StartError(
      'The database of DATABASE_URL holds an unfinished copy of a SQLite database. Finish it with npm run migrate-store -- --finish, or use another database.',
    );
}

/** @throws StartError if the SQLite database of a data folder was moved to PostgreSQL: a new one would begin another log */
export function assertNotMigrated(folder: string): void {
  if (existsSync(join(folder, SQLITE_FILE)) || !existsSync(join(folder, MIGRATED_FILE))) return;
  throw new StartError(
    `The database of ${folder} was moved to PostgreSQL: set DATABASE_URL. To go back to its state at that time, rename ${MIGRATED_FILE} to ${SQLITE_FILE}.`,
  );
}
