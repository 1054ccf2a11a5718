import Database from 'better-sqlite3';

/** An open SQLite file, for tools that know no schema. */
export type SqliteFile = Database.Database;

/**
 * Opens an existing SQLite file without the lock of its service. The service may run: SQLite lets both read, and makes them
 * take turns to write.
 * @throws Error if the file does not exist
 */
export const openDatabaseFile = (file: string, options: { readonly isReadOnly: boolean }): SqliteFile =>
  new Database(file, { fileMustExist: true, readonly: options.isReadOnly });

/** Pages of one step of a copy, about 8 MiB. Between steps the thread does other work, or can be stopped. */
const PAGES_PER_STEP = 2_000;

/**
 * Copies a database while its service runs, with [SQLite's backup API](https://www.sqlite.org/backup.html). The copy is one
 * consistent state. It has no files beside it.
 */
export async function copySqliteFile(source: string, target: string): Promise<void> {
  const from = openDatabaseFile(source, { isReadOnly: true });
  try {
    // The transaction keeps one state for all steps. Without it, a busy writer would make SQLite start the copy again.
    from.exec('begin');
    from.prepare('select count(*) from sqlite_master').get();
    await from.backup(target, { progress: () => PAGES_PER_STEP });
    from.exec('commit');
  } finally {
    from.close();
  }
  const copy = openDatabaseFile(target, { isReadOnly: false });
  // A file in WAL mode would get files beside it whenever it is read.
  copy.pragma('journal_mode = DELETE');
  copy.close();
}

/** @returns the first problem that SQLite finds in the structure of a database; undefined if it finds none */
export function findSqliteDamage(database: SqliteFile): string | undefined {
  const found = database.pragma('integrity_check(1)', { simple: true });
  return found === 'ok' ? undefined : String(found);
}
