import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { StartError } from './errors.js';
import { queryRows } from './prepared-statement.js';
import { runInTransaction } from './sql-connection.js';
import { openDatabaseFile, type SqliteFile } from './sqlite-files.js';
import { copyTable, type TableCopyResult } from './store-copy-pages.js';
import type { StoreCopyRecord, StoreCopyRecords } from './store-copy-record.js';
import { quoteName, type CopiedTable } from './store-copy-tables.js';

/** What all databases of an installation that can be copied have in common. */
export interface StoreCopyOptions {
  /** The only connection that writes to the tables in PostgreSQL. */
  readonly target: object;
  readonly tables: readonly CopiedTable[];
  readonly records: StoreCopyRecords;
  /** Distinguishes this copy from those of other services to the same database: only one of each may run. */
  readonly lockId: number;
  /** Called when a table is done. */
  readonly onTable: (table: string, result: TableCopyResult) => void;
  readonly isStopped: () => boolean;
}

/** Copies the tables of a SQLite database to PostgreSQL, in several calls of a command if wanted. */
export interface StoreCopy {
  /**
   * Takes the lock of this copy, and creates the record of the copy if there is none.
   * @param sourceId identifies what is copied
   * @throws StartError if another process copies, or the target holds something else
   */
  begin(sourceId: string): Promise<StoreCopyRecord>;
  /** Copies what differs. The source may change meanwhile. A copy that was interrupted continues where it was. */
  copyChanges(source: SqliteFile): Promise<readonly TableCopyResult[]>;
  /**
   * Copies what differs, and compares all rows. Nothing changes the source meanwhile.
   * @throws StartError if the databases differ
   */
  copyRest(source: SqliteFile): Promise<readonly TableCopyResult[]>;
}

/** Identifies the command among the advisory locks of the database. */
const LOCK_CLASS = sql.raw('1751347567');

export function createStoreCopy(options: StoreCopyOptions): StoreCopy {
  const { target, tables, records, lockId, onTable, isStopped } = options;
  /** The lock ends with the connection, which may be another one now: it is taken again. */
  const lock = async () => {
    const [row] = await queryRows<{ isFree: boolean }>(
      target,
      sql`select pg_try_advisory_lock(${LOCK_CLASS}, ${sql.raw(String(lockId))}) as "isFree"`,
    );
    if (!row?.isFree) throw new StartError('Another npm run migrate-store works on this database.');
  };

  return {
    async begin(sourceId) {
      await lock();
      const record = await records.find(target);
      if (record && record.completedAt !== null)
        throw new StartError(
          'This PostgreSQL database is complete already, and in use. Choose an empty one to copy again.',
        );
      if (record && record.sourceId !== sourceId)
        throw new StartError(
          'This PostgreSQL database holds the copy of another event log, or of one from before a restore. Choose an empty one.',
        );
      if (record) return record;
      const filled = await findFilledTable(target, tables);
      if (filled !== undefined)
        throw new StartError(
          `This PostgreSQL database is not empty: its table ${filled} has rows. Choose an empty one.`,
        );
      return runInTransaction(target, () => records.create(target, sourceId));
    },

    async copyChanges(source) {
      const places = { ...(await records.find(target))?.places };
      const results: TableCopyResult[] = [];
      for (const table of tables) {
        const place = places[table.name];
        if (place === null) continue;
        const result = await copyTable({
          source,
          target,
          table,
          after: place,
          onPage: async ({ lastKey }) => {
            await lock();
            if (lastKey) places[table.name] = lastKey;
            await records.savePlaces(target, places);
          },
          isStopped,
        });
        places[table.name] = null;
        results.push(result);
        onTable(table.name, result);
      }
      // The next call begins again, and finds what has changed.
      await records.savePlaces(target, {});
      return results;
    },

    async copyRest(source) {
      const results: TableCopyResult[] = [];
      for (const table of tables) {
        const result = await copyTable({ source, target, table, onPage: lock, isStopped });
        results.push(result);
        onTable(table.name, result);
        assertEqual(table, result);
      }
      return results;
    },
  };
}

async function findFilledTable(db: object, tables: readonly CopiedTable[]): Promise<string | undefined> {
  for (const { targetName } of tables) {
    const [row] = await queryRows<{ isFilled: boolean }>(
      db,
      sql`select exists (select 1 from ${sql.raw(targetName)}) as "isFilled"`,
    );
    if (row?.isFilled) return targetName.replaceAll('"', '');
  }
  return undefined;
}

/** @throws StartError if the rows that were read back from the target differ from those of the source */
function assertEqual({ name }: CopiedTable, { digest, targetDigest }: TableCopyResult): void {
  if (digest === targetDigest) return;
  throw new StartError(
    `The table ${name} differs between SQLite and PostgreSQL. Repeat the command; if it fails again, report it with the version of PostgreSQL.`,
  );
}

/** Lets PostgreSQL give the next row of a table the id after those that were copied. */
export async function setNextId(db: object, { targetName, key }: CopiedTable): Promise<void> {
  const [column] = key;
  if (key.length !== 1 || column?.type !== 'bigint') return;
  const sequence = sql`pg_get_serial_sequence(${targetName}, ${column.name})`;
  const last = sql.raw(`(select max(${quoteName(column.name)}) from ${targetName})`);
  await queryRows(
    db,
    sql`select setval(${sequence}, coalesce(${last}, 0) + 1, false) where ${sequence} is not null`,
  );
}

/**
 * Opens the database that is copied while its service may write to it.
 * @throws StartError if it cannot be read
 */
export function openCopySource(path: string): SqliteFile {
  try {
    return openDatabaseFile(path, { isReadOnly: true });
  } catch (error) {
    throw new StartError(`${path} cannot be read. Set DATA_DIR to the data folder of the installation.`, {
      cause: error,
    });
  }
}

/** The SQLite file of a service, and its name once PostgreSQL has its content. */
export interface CopiedFile {
  readonly name: string;
  readonly migratedName: string;
}

/** @param database the name of the file without its extension */
export const nameCopiedFile = (database: string): CopiedFile => ({
  name: `${database}.sqlite`,
  migratedName: `${database}.migrated.sqlite`,
});

/** @throws StartError if the SQLite database of a data folder was moved to PostgreSQL: a new one would be empty */
export function assertNotMigrated(folder: string, { name, migratedName }: CopiedFile): void {
  if (existsSync(join(folder, name)) || !existsSync(join(folder, migratedName))) return;
  throw new StartError(
    `The database of ${folder} was moved to PostgreSQL: set DATABASE_URL. To go back to its state at that time, rename ${migratedName} to ${name}.`,
  );
}

/** Options of {@link finishFileCopy}. */
export interface FileCopyOptions extends Pick<StoreCopyOptions, 'target' | 'records'> {
  /** The data folder of the service. */
  readonly folder: string;
  readonly file: CopiedFile;
  /** The server's instant. */
  readonly now: () => string;
  /** Copies the rest of the file, verifies the copy, and closes the file. */
  readonly copy: () => Promise<StoreCopySummary>;
}

/**
 * The last call of a copy: renames the copied file, and only then records that the copy is complete. A call that ends between both can be
 * repeated: no service starts with this file or with an unfinished copy. In the other order, the service could go on with the file.
 * @returns undefined if an earlier call has completed the copy
 * @throws StartError if the file was moved to another database; what `copy` throws
 */
export async function finishFileCopy(options: FileCopyOptions): Promise<StoreCopySummary | undefined> {
  const { target, records, folder, file, now, copy } = options;
  const path = join(folder, file.name);
  const migratedPath = join(folder, file.migratedName);
  const wasRenamed = !existsSync(path) && existsSync(migratedPath);
  if (wasRenamed) {
    const record = await records.find(target);
    if (!record)
      throw new StartError(`The database in ${folder} was moved already, to another PostgreSQL database.`);
    if (record.completedAt !== null) return undefined;
    renameSync(migratedPath, path);
  }
  let isCopied = false;
  let summary: StoreCopySummary;
  try {
    summary = await copy();
    isCopied = true;
  } finally {
    if (isCopied || wasRenamed) renameSync(path, migratedPath);
  }
  await records.complete(target, now());
  return summary;
}

/** @throws StartError if `npm run migrate-store` has begun to fill the database, and not finished */
export async function assertCopyComplete(db: object, records: StoreCopyRecords): Promise<void> {
  const record = await records.find(db);
  if (record?.completedAt === null)
    throw new StartError(
      'The database of DATABASE_URL holds an unfinished copy of a SQLite database. Finish it with npm run migrate-store -- --finish, or use another database.',
    );
}

/** What a call of the command has done. */
export interface StoreCopySummary {
  readonly tables: number;
  readonly rows: number;
  /** Rows of the pages that differed. */
  readonly copiedRows: number;
  /** Whether the service can use the database from now on. */
  readonly isComplete: boolean;
}

export const summarizeStoreCopy = (
  results: readonly TableCopyResult[],
  isComplete: boolean,
): StoreCopySummary => ({
  tables: results.length,
  rows: results.reduce((sum, { rows }) => sum + rows, 0),
  copiedRows: results.reduce((sum, { copiedRows }) => sum + copiedRows, 0),
  isComplete,
});
