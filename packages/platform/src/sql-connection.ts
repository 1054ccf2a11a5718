import type { SQL } from 'drizzle-orm';
import type { SqlDialect } from './sql-dialect.js';

/** SQLite has its result at once, PostgreSQL later. */
export type MaybePromise<Result> = Result | Promise<Result>;

/** A statement of one connection. It takes the values of its parameters in their order, and returns rows as arrays of columns. */
export interface RawStatement {
  all(values: readonly unknown[]): MaybePromise<readonly (readonly unknown[])[]>;
  get(values: readonly unknown[]): MaybePromise<readonly unknown[] | undefined>;
  /** @returns the number of changed rows */
  run(values: readonly unknown[]): MaybePromise<number>;
}

/** One connection to a database, below Drizzle. Its statements run one after the other. */
export interface SqlConnection {
  readonly dialect: SqlDialect;
  prepare(text: string): RawStatement;
  /** Runs a query once. @returns the rows, with the columns by their names in SQL */
  queryObjects<Row extends object>(text: string, values: readonly unknown[]): MaybePromise<Row[]>;
  /** Runs statements without parameters, such as `begin`. */
  exec(text: string): MaybePromise<void>;
  /** Whether a transaction is open. Some errors, such as a full disk, end it. */
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
