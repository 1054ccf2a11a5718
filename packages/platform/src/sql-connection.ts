import type { SQL } from 'drizzle-orm';
import type { SqlDialect } from './sql-dialect.js';

/** SQLite has its result at once, PostgreSQL later. */
export type MaybePromise<Result> = Result | Promise<Result>;

/** A statement of one connection. It takes the values of its parameters in their order, and returns rows as arrays of columns. */
export interface RawStatement {
  readonly all: (values: readonly unknown[]) => MaybePromise<readonly (readonly unknown[])[]>;
  readonly get: (values: readonly unknown[]) => MaybePromise<readonly unknown[] | undefined>;
  /** @returns the number of changed rows */
  readonly run: (values: readonly unknown[]) => MaybePromise<number>;
}

/** What begins, ends or divides a transaction. Savepoints have the name `work`. */
export type TransactionCommand =
  /** Begins a transaction that writes. On SQLite it waits for other writers. */
  | 'begin'
  /** Begins a transaction whose reads all see the database of one moment. */
  | 'begin snapshot'
  | 'commit'
  /** Ends the transaction, also one that an error has ended. Without a transaction it does nothing. */
  | 'rollback'
  | 'savepoint work'
  | 'release work'
  | 'rollback to work';

/** One connection to a database, below Drizzle. Its statements run one after the other. */
export interface SqlConnection {
  readonly dialect: SqlDialect;
  prepare(text: string): RawStatement;
  /** Runs a query once. @returns the rows, with the columns by their names in SQL */
  queryObjects<Row extends object>(text: string, values: readonly unknown[]): MaybePromise<Row[]>;
  /** Begins, ends or divides a transaction. */
  control(command: TransactionCommand): MaybePromise<void>;
  /**
   * Whether a transaction is open. Some errors, such as a full disk, end it: statements then fail until `rollback`, and none runs
   * outside the transaction.
   */
  readonly isInTransaction: boolean;
}

const connections = new WeakMap<object, SqlConnection>();

/** Notes the connection of a Drizzle database. */
export const registerSqlConnection = (db: object, connection: SqlConnection): void =>
  void connections.set(db, connection);

/** @returns the connection below a Drizzle database */
export function getSqlConnection(db: object): SqlConnection {
  const connection = connections.get(db);
  if (!connection) throw new Error('The database was not opened by this package.');
  return connection;
}

/** The SQL of the database that `db` is connected to. */
export const getDialect = (db: object): SqlDialect => getSqlConnection(db).dialect;

/** @internal Drizzle's builder of a statement's text. */
export interface StatementBuilder {
  readonly dialect: { sqlToQuery(query: SQL): { readonly sql: string; readonly params: unknown[] } };
}

/**
 * Runs work in a separate transaction. For starts and tools: commands share transactions (group commit), and a connection has one
 * transaction at a time.
 */
export async function runInTransaction<Result>(
  db: object,
  work: () => Promise<Result>,
  begin: 'begin' | 'begin snapshot' = 'begin',
): Promise<Result> {
  const connection = getSqlConnection(db);
  await connection.control(begin);
  try {
    const result = await work();
    await connection.control('commit');
    return result;
  } catch (error) {
    await connection.control('rollback');
    throw error;
  }
}

/** Reads that see the database of one moment, although each has several statements. */
export interface SnapshotReader<Db> {
  /** A connection for these reads alone. */
  readonly db: Db;
  /** Runs the read after those before it. */
  read<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Creates a reader over a connection that nothing else uses. */
export function createSnapshotReader<Db extends object>(db: Db): SnapshotReader<Db> {
  let previous: Promise<unknown> = Promise.resolve();
  return {
    db,
    read(work) {
      const result = previous.then(() => runInTransaction(db, work, 'begin snapshot'));
      previous = result.catch(() => undefined);
      return result;
    },
  };
}
