import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { errorMessage, StartError } from './errors.js';
import { lockDataFolder } from './data-folder-lock.js';

export interface SqliteDatabaseOptions<Schema extends Record<string, unknown>> {
  readonly folder: string;
  /** File `<name>.sqlite`; also the name of the lock. */
  readonly name: string;
  readonly schema: Schema;
  /** The folder of the migrations that drizzle-kit wrote. */
  readonly migrations: URL;
  /**
   * FULL: what is committed survives a power cut. NORMAL: the last transactions may be missing after one, none half;
   * for what can be made again.
   */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Told each statement as it is run. */
  readonly onStatement?: ((statement: string) => void) | undefined;
}

export interface SqliteDatabase<Schema extends Record<string, unknown>> {
  readonly db: BetterSQLite3Database<Schema> & { readonly $client: Database.Database };
  close(): void;
}

/**
 * Opens a service's own SQLite file in WAL mode and brings it to the present schema. One process at a time.
 * @throws StartError where the folder or the file cannot be used
 */
export function openSqliteDatabase<Schema extends Record<string, unknown>>(
  options: SqliteDatabaseOptions<Schema>,
): SqliteDatabase<Schema> {
  const { folder, name, schema, migrations, synchronous, onStatement } = options;
  const unlock = lockDataFolder(folder, name);
  const file = join(folder, `${name}.sqlite`);
  try {
    const sqlite = new Database(file);
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma(`synchronous = ${synchronous}`);
    sqlite.pragma('foreign_keys = ON');
    const db = drizzle(sqlite, { schema, ...(onStatement && { logger: { logQuery: onStatement } }) });
    migrate(db, { migrationsFolder: fileURLToPath(migrations) });
    return {
      db,
      close() {
        sqlite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw new StartError(`The database ${file} cannot be used: ${errorMessage(error)}.`);
  }
}
