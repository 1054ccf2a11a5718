import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { StartError } from './errors.js';

/** The table in which drizzle stores the migrations that a database has. */
const MIGRATIONS_TABLE = '__drizzle_migrations';

/** The file in which drizzle-kit lists the migrations of a folder. */
const JOURNAL_FILE = join('meta', '_journal.json');
const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })) });

/**
 * Refuses a database that newer software has written. Older software would misread its tables, or store what the newer software
 * no longer understands. The file is opened for reading only, so that nothing in it changes.
 * @param file need not exist
 * @param migrationsFolder the migrations that this software knows
 * @throws StartError if the database has a migration that is later than all of them
 */
export function assertKnownSchema(file: string, migrationsFolder: string): void {
  if (!existsSync(file)) return;
  const stored = readNewestMigration(file);
  if (stored === undefined) return;
  const { entries } = journalSchema.parse(
    JSON.parse(readFileSync(join(migrationsFolder, JOURNAL_FILE), 'utf8')),
  );
  const known = Math.max(0, ...entries.map(({ when }) => when));
  if (stored <= known) return;
  throw new StartError(createNewerSchemaMessage(file, stored, known));
}

/** What the person who starts a process reads if newer software has written the database. Times in milliseconds since 1970. */
export const createNewerSchemaMessage = (database: string, stored: number, known: number): string =>
  `The database ${database} was written by newer software: its schema is of ${formatMigrationTime(stored)}, and this version ` +
  `knows schemas until ${formatMigrationTime(known)}. Nothing was changed. Install the newer version again, or restore a ` +
  'backup that this version has written.';

/** @returns the time of the newest migration, in milliseconds since 1970; undefined for a database without migrations */
function readNewestMigration(file: string): number | undefined {
  const sqlite = new Database(file, { readonly: true });
  try {
    const findTable = sqlite.prepare("select 1 from sqlite_master where type = 'table' and name = ?");
    if (findTable.get(MIGRATIONS_TABLE) === undefined) return undefined;
    const newest: unknown = sqlite.prepare(`select max(created_at) from ${MIGRATIONS_TABLE}`).pluck().get();
    return newest === null ? undefined : Number(newest);
  } finally {
    sqlite.close();
  }
}

const formatMigrationTime = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
