import {
  openSqliteDatabase,
  openSqliteFile,
  runInTransaction,
  type SqliteDatabase,
  type SqliteDatabaseOptions,
} from '@seguridad-abc/platform';
import * as schema from './sqlite-schema.js';
import { createTransact, createWriteQueue } from './write-queue.js';

type HeartbeatSqlite = SqliteDatabase<typeof schema>;

/** Drizzle with the types of SQLite, also over PostgreSQL: queries over the tables of `getTables` have the same rows in both. */
export type HeartbeatDrizzle = HeartbeatSqlite['db'];

/** How the repositories reach the database. */
export interface HeartbeatStore {
  /** For reads outside transactions. */
  readonly reader: HeartbeatDrizzle;
  /** Runs work in a transaction. It awaits nothing but statements of the connection that it gets. */
  readonly transact: <Result>(work: (db: HeartbeatDrizzle) => Promise<Result>) => Promise<Result>;
  /** The same. The result survives a power failure. */
  readonly transactDurably: <Result>(work: (db: HeartbeatDrizzle) => Promise<Result>) => Promise<Result>;
}

/** The SQLite database of one monitor. */
export interface HeartbeatDatabase extends HeartbeatSqlite {
  readonly store: HeartbeatStore;
}

/** The name of the database file, without its extension, and of the lock. */
export const HEARTBEAT_DATABASE_NAME = 'heartbeat';

const getOptions = (
  onStatement?: (statement: string) => void,
): Omit<SqliteDatabaseOptions<typeof schema>, 'folder' | 'name'> => ({
  schema,
  migrations: new URL('../../drizzle', import.meta.url),
  synchronous: 'NORMAL',
  onStatement,
});

/**
 * Opens the database of the heartbeat service. A commit does not wait for the disk, so that a slow disk does not delay
 * monitoring. After a power failure the last transitions may be missing; that time then counts as not observed.
 * @param onStatement receives each SQL statement when it runs
 * @throws StartError if the folder or the file cannot be used
 */
export const openHeartbeatDatabase = (
  folder: string,
  onStatement?: (statement: string) => void,
): HeartbeatDatabase =>
  addStore(openSqliteDatabase({ folder, name: HEARTBEAT_DATABASE_NAME, ...getOptions(onStatement) }));

/**
 * Opens a file as {@link openHeartbeatDatabase} does, without the lock of its folder.
 * @throws the error of SQLite if the file cannot be used
 */
export const openHeartbeatFile = (
  file: string,
  onStatement?: (statement: string) => void,
): HeartbeatDatabase => addStore(openSqliteFile(file, getOptions(onStatement)));

function addStore(database: HeartbeatSqlite): HeartbeatDatabase {
  const { db } = database;
  const queue = createWriteQueue();
  return {
    ...database,
    store: {
      reader: db,
      transact: createTransact(db, queue),
      transactDurably: (work) =>
        queue.run(async () => {
          db.$client.pragma('synchronous = FULL');
          try {
            return await runInTransaction(db, () => work(db));
          } finally {
            db.$client.pragma('synchronous = NORMAL');
          }
        }),
    },
  };
}
