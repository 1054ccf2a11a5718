import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { sql, type Column, type SQL } from 'drizzle-orm';
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { lockDataFolder } from './data-folder-lock.js';
import { getErrorMessage, StartError } from './errors.js';
import { assertKnownSchema } from './schema-version.js';
import { registerSqlConnection, type SqlConnection, type TransactionCommand } from './sql-connection.js';
import { SQLITE_DIALECT } from './sql-dialect.js';
import { isDatabaseDamage } from './sqlite-damage.js';
import { toStorageError } from './storage-errors.js';

export interface SqliteDatabaseOptions<Schema extends Record<string, unknown>> {
  readonly folder: string;
  /** Names the file `<name>.sqlite` and the lock `<name>.lock`. */
  readonly name: string;
  readonly schema: Schema;
  /** The folder with the migrations that drizzle-kit generated. */
  readonly migrations: URL;
  /**
   * `FULL`: committed transactions survive a power cut. `NORMAL`: a power cut may lose the last transactions, but never
   * a part of one. Use `NORMAL` for data that can be rebuilt.
   */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Whether the service builds the file again if newer software has written it. @default false: it is refused */
  readonly isRebuilt?: boolean;
  /** What to do if the file is damaged: the end of the error message. */
  readonly damageRemedy?: string | undefined;
  /** Called with each SQL statement before it runs. */
  readonly onStatement?: ((statement: string) => void) | undefined;
}

/** An open database. This process holds its lock. */
export interface SqliteDatabase<Schema extends Record<string, unknown>> {
  readonly db: BetterSQLite3Database<Schema> & { readonly $client: Database.Database };
  /** The path of the database. */
  readonly file: string;
  /** Closes the file and releases the lock. */
  close(): void;
}

/**
 * Opens a service's SQLite file in WAL mode and applies pending migrations. A lock file keeps a second process out. It
 * also sets the mode of an existing file, so that only its owner can read it.
 * @throws StartError if the folder or the file cannot be used, another process holds the lock, or newer software has written
 * the file: then nothing is written
 */
export function openSqliteDatabase<Schema extends Record<string, unknown>>(
  options: SqliteDatabaseOptions<Schema>,
): SqliteDatabase<Schema> {
  const { folder, name, damageRemedy } = options;
  const unlock = lockDataFolder(folder, name);
  const file = join(folder, `${name}.sqlite`);
  try {
    const database = openSqliteFile(file, options);
    return {
      ...database,
      close() {
        database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw createOpenError(file, error, damageRemedy);
  }
}

/** Creates the error that names a database file which cannot be opened, and the remedy. */
export function createOpenError(file: string, error: unknown, damageRemedy?: string): StartError {
  if (error instanceof StartError) return error;
  const message = getErrorMessage(error);
  if (damageRemedy !== undefined && isDatabaseDamage(error))
    return new StartError(`The database ${file} is damaged: ${message}. ${damageRemedy}`, { cause: error });
  const isFull = toStorageError(error)?.code === 'STORAGE_FULL';
  return new StartError(
    `The database ${file} cannot be opened: ${message}.${isFull ? ' Free disk space.' : ''}`,
    { cause: error },
  );
}

/**
 * Opens a SQLite file as {@link openSqliteDatabase} does, without a lock. For files that a process builds or replaces while
 * it holds the lock of the folder.
 * @throws the error of SQLite if the file cannot be used; StartError if newer software has written it
 */
export function openSqliteFile<Schema extends Record<string, unknown>>(
  file: string,
  {
    schema,
    migrations,
    synchronous,
    isRebuilt = false,
    onStatement,
  }: Omit<SqliteDatabaseOptions<Schema>, 'folder' | 'name' | 'damageRemedy'>,
): SqliteDatabase<Schema> {
  const migrationsFolder = fileURLToPath(migrations);
  if (!isRebuilt) assertKnownSchema(file, migrationsFolder);
  const sqlite = new Database(file);
  try {
    restrictToOwner(file);
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma(`synchronous = ${synchronous}`);
    sqlite.pragma('foreign_keys = ON');
    // Deleted content is overwritten with zeros, so that an erased user's data leaves the file.
    sqlite.pragma('secure_delete = ON');
    const db = drizzle(sqlite, { schema, ...(onStatement && { logger: { logQuery: onStatement } }) });
    migrate(db, { migrationsFolder });
    registerSqlConnection(db, createSqliteConnection(sqlite, onStatement));
    return { db, file, close: () => void sqlite.close() };
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * Opens a second connection to a SQLite file that is open already. It never writes, and never sees what is not committed.
 * @param onStatement is called with each SQL statement before it runs
 */
export function openSqliteReader<Schema extends Record<string, unknown>>(
  file: string,
  schema: Schema,
  onStatement?: (statement: string) => void,
): SqliteDatabase<Schema> {
  const sqlite = new Database(file, { readonly: true });
  const db = drizzle(sqlite, { schema, ...(onStatement && { logger: { logQuery: onStatement } }) });
  registerSqlConnection(db, createSqliteConnection(sqlite, onStatement));
  return { db, file, close: () => void sqlite.close() };
}

/** The statements of an open SQLite file. They run at once; only their results are asynchronous. */
function createSqliteConnection(
  client: Database.Database,
  onStatement: ((statement: string) => void) | undefined,
): SqlConnection {
  const controls = new Map<TransactionCommand, Database.Statement>();
  const runControl = (command: TransactionCommand) => {
    let statement = controls.get(command);
    if (!statement) controls.set(command, (statement = client.prepare(CONTROL_SQL[command] ?? command)));
    statement.run();
  };
  /** A transaction has begun, and neither `commit` nor `rollback` has ended it. */
  let isBegun = false;
  const prepareToRun = (text: string) => {
    if (isBegun && !client.inTransaction)
      throw new Error('The transaction has ended with an error of an earlier statement.');
    onStatement?.(text);
  };
  return {
    dialect: SQLITE_DIALECT,
    prepare(text) {
      const statement = client.prepare<unknown[], unknown[]>(text);
      if (statement.reader) statement.raw();
      return {
        all: (values) => {
          prepareToRun(text);
          return statement.all(values);
        },
        get: (values) => {
          prepareToRun(text);
          return statement.get(values);
        },
        run: (values) => {
          prepareToRun(text);
          return statement.run(values).changes;
        },
      };
    },
    queryObjects: <Row extends object>(text: string, values: readonly unknown[]) => {
      prepareToRun(text);
      return client.prepare<unknown[], Row>(text).all(values);
    },
    control(command) {
      const isEnd = command === 'commit' || command === 'rollback';
      if (isEnd) isBegun = false;
      if (command === 'rollback' && !client.inTransaction) return;
      runControl(command);
      if (command === 'begin' || command === 'begin snapshot') isBegun = true;
    },
    get isInTransaction() {
      return client.inTransaction;
    },
  };
}

const CONTROL_SQL: Partial<Record<TransactionCommand, string>> = {
  begin: 'begin immediate',
  'begin snapshot': 'begin',
};

const OWNER_ONLY_MODE = 0o600;

/** SQLite gives the files beside the database (`-wal`, `-shm`) the same mode when it creates them. */
function restrictToOwner(file: string): void {
  // Only the owner may change the mode. A group that shares a folder between users decides for itself.
  if (statSync(file).uid === process.getuid?.()) chmodSync(file, OWNER_ONLY_MODE);
}

/** Moves all commits from the write-ahead log into the database, and empties the log, which may hold erased content. */
export const emptyWriteAheadLog = (db: { readonly $client: Database.Database }): void =>
  void db.$client.pragma('wal_checkpoint(TRUNCATE)');

/**
 * Writes one page of the database and waits for the disk, without a change of its content. It shows whether a transaction can
 * be stored. SQLite writes the page although the number stays the same.
 * @throws the error of SQLite
 */
export function tryDatabaseWrite({ $client }: { readonly $client: Database.Database }): void {
  const version = Number($client.pragma('user_version', { simple: true }));
  $client.pragma(`user_version = ${version}`);
}

/**
 * Runs synchronous SQLite work and returns its result or its error as a promise.
 * Repositories are asynchronous interfaces, so that a database behind a network can implement them too.
 */
export const runAsPromise = <Result>(work: () => Result): Promise<Result> =>
  new Promise((resolve) => resolve(work()));

/**
 * Builds the SQL condition that a column holds one of the values.
 * The values are one JSON parameter: the statement text stays the same and SQLite's parameter limit does not apply.
 */
export const buildIsOneOfSql = (column: Column, values: readonly (string | number)[]): SQL =>
  sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
