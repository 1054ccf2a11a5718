import {
  bigint,
  boolean as postgresBoolean,
  customType,
  index as postgresIndex,
  pgTable,
  primaryKey as postgresPrimaryKey,
  uniqueIndex as postgresUniqueIndex,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core';
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
  type PrimaryKeyBuilder as SQLitePrimaryKeyBuilder,
  type SQLiteBooleanBuilderInitial,
  type SQLiteColumn,
  type SQLiteIntegerBuilderInitial,
  type SQLiteTextBuilderInitial,
  type SQLiteTextJsonBuilderInitial,
} from 'drizzle-orm/sqlite-core';
import type { z } from 'zod';
import { POSTGRES_DIALECT, SQLITE_DIALECT, type SqlDialect } from './sql-dialect.js';
import {
  createSqliteColumns,
  describeColumns,
  type ColumnDescription,
  type SqliteColumns,
} from './zod-columns.js';

/**
 * What defines a table, so that one definition makes the tables of SQLite and those of PostgreSQL. Names and properties of columns
 * are the same in both. The types are those of SQLite: a query over the tables has the same result in both databases.
 *
 * | builder | SQLite | PostgreSQL |
 * |---|---|---|
 * | `text` | `text` | `text collate "C"`: compared by bytes, as SQLite does |
 * | `integer` | `integer` | `bigint` |
 * | `boolean` | `integer` | `boolean` |
 * | `json` | `text` | `text`: it keeps the order of the fields |
 */
export interface TableBuilders {
  readonly dialect: SqlDialect;
  readonly createTable: typeof sqliteTable;
  readonly text: (name?: string) => SQLiteTextBuilderInitial<'', [string, ...string[]], undefined>;
  readonly integer: (name?: string) => SQLiteIntegerBuilderInitial<''>;
  readonly boolean: (name?: string) => SQLiteBooleanBuilderInitial<''>;
  readonly json: (name?: string) => SQLiteTextJsonBuilderInitial<''>;
  /** The primary key of a table whose database gives each row the next number, possibly with gaps. */
  readonly generatedId: (name?: string) => ReturnType<typeof createSqliteGeneratedId>;
  /**
   * The primary key of a log whose writer numbers the rows. SQLite also remembers the highest number; in PostgreSQL the writer
   * stores it.
   */
  readonly logPosition: (name?: string) => ReturnType<typeof createSqliteGeneratedId>;
  /** The columns of the fields of a schema: see `createSqliteColumns`. */
  readonly columns: <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) => SqliteColumns<Shape>;
  readonly primaryKey: (config: {
    readonly columns: [SQLiteColumn, ...SQLiteColumn[]];
  }) => SQLitePrimaryKeyBuilder;
  readonly index: typeof index;
  readonly uniqueIndex: typeof uniqueIndex;
}

// The builders of drizzle take the column's name as an optional first argument, and otherwise the property.
const named = (name: string | undefined): [string] =>
  (name === undefined ? [] : [name]) as unknown as [string];

const createSqliteGeneratedId = (name?: string) =>
  integer(...named(name)).primaryKey({ autoIncrement: true });

/** Makes tables of SQLite. */
export const SQLITE_TABLE_BUILDERS: TableBuilders = {
  dialect: SQLITE_DIALECT,
  createTable: sqliteTable,
  text: (name) => text(...named(name)) as SQLiteTextBuilderInitial<'', [string, ...string[]], undefined>,
  integer: (name) => integer(...named(name)) as SQLiteIntegerBuilderInitial<''>,
  boolean: (name) =>
    (name === undefined
      ? integer({ mode: 'boolean' })
      : integer(name, { mode: 'boolean' })) as SQLiteBooleanBuilderInitial<''>,
  json: (name) =>
    (name === undefined
      ? text({ mode: 'json' })
      : text(name, { mode: 'json' })) as SQLiteTextJsonBuilderInitial<''>,
  generatedId: createSqliteGeneratedId,
  logPosition: createSqliteGeneratedId,
  columns: createSqliteColumns,
  primaryKey: (config) => primaryKey(config),
  index,
  uniqueIndex,
};

/** Texts are compared by their bytes, as SQLite does, whatever the locale of the database is. */
const TEXT_TYPE = 'text collate "C"';
const postgresText = customType<{ data: string; driverData: string }>({ dataType: () => TEXT_TYPE });
const postgresJson = customType<{ data: unknown; driverData: string }>({
  dataType: () => TEXT_TYPE,
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => JSON.parse(value) as unknown,
});
const postgresInteger = (name: string | undefined) =>
  name === undefined ? bigint({ mode: 'number' }) : bigint(name, { mode: 'number' });

const POSTGRES_COLUMN_KINDS = {
  text: (name: string) => postgresText(name),
  integer: (name: string) => bigint(name, { mode: 'number' }),
  boolean: (name: string) => postgresBoolean(name),
  json: (name: string) => postgresJson(name),
};

function createPostgresColumn({ name, kind, isNullable, defaultValue }: ColumnDescription) {
  const column = POSTGRES_COLUMN_KINDS[kind](name) as ReturnType<typeof postgresText>;
  if (!isNullable) column.notNull();
  if (defaultValue !== undefined && defaultValue !== null) column.default(defaultValue as never);
  return column;
}

/** Makes tables of PostgreSQL. They have the types of SQLite's tables, because a query has the same types in both. */
export const POSTGRES_TABLE_BUILDERS = {
  dialect: POSTGRES_DIALECT,
  createTable: pgTable,
  text: (name?: string) => postgresText(...named(name)),
  integer: postgresInteger,
  boolean: (name?: string) => postgresBoolean(...named(name)),
  json: (name?: string) => postgresJson(...named(name)),
  generatedId: (name?: string) => postgresInteger(name).primaryKey().generatedByDefaultAsIdentity(),
  logPosition: (name?: string) => postgresInteger(name).primaryKey(),
  columns: <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) =>
    Object.fromEntries(
      describeColumns(schema).map((description) => [description.field, createPostgresColumn(description)]),
    ),
  primaryKey: (config: { columns: [AnyPgColumn, ...AnyPgColumn[]] }) => postgresPrimaryKey(config),
  index: postgresIndex,
  uniqueIndex: postgresUniqueIndex,
} as unknown as TableBuilders;
