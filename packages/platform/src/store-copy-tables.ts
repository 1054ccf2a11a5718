import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteBoolean, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core';

type ColumnType = 'bigint' | 'text' | 'boolean';

/** A column of a {@link CopiedTable}. */
export interface CopiedColumn {
  readonly name: string;
  /** The type in PostgreSQL. JSON is text in both databases, and is not parsed. */
  readonly type: ColumnType;
}

/** A table as both databases have it. */
export interface CopiedTable {
  readonly name: string;
  /** Its name in PostgreSQL as SQL has it, with its schema. */
  readonly targetName: string;
  readonly columns: readonly CopiedColumn[];
  /** The columns of the primary key, in their order. Both databases sort them alike. */
  readonly key: readonly CopiedColumn[];
}

/** The values of a row in the order of the columns, as PostgreSQL has them. */
export type CopiedRow = readonly (string | number | boolean | null)[];

function getColumnType(column: SQLiteColumn): ColumnType {
  if (is(column, SQLiteBoolean)) return 'boolean';
  return column.getSQLType() === 'integer' ? 'bigint' : 'text';
}

/**
 * Describes tables that are copied from SQLite to PostgreSQL.
 * @param tables those of SQLite
 * @param schema the schema of PostgreSQL that has them. Undefined: the first one of its search path
 */
export const listCopiedTables = (
  tables: Readonly<Record<string, SQLiteTable>>,
  schema?: string,
): CopiedTable[] =>
  Object.values(tables).map((table) => {
    const { name, columns, primaryKeys } = getTableConfig(table);
    const toCopied = (column: (typeof columns)[number]): CopiedColumn => ({
      name: column.name,
      type: getColumnType(column as SQLiteColumn),
    });
    const [primaryKey] = primaryKeys;
    const key = primaryKey?.columns ?? columns.filter(({ primary }) => primary);
    if (key.length === 0) throw new Error(`The table ${name} has no primary key.`);
    const targetName = [...(schema === undefined ? [] : [schema]), name].map(quoteName).join('.');
    return { name, targetName, columns: columns.map(toCopied), key: key.map(toCopied) };
  });

/** The values of a row's primary key. */
export const getKey = ({ columns, key }: CopiedTable, row: CopiedRow): CopiedRow =>
  key.map(({ name }) => row[columns.findIndex((column) => column.name === name)] ?? null);

/** Names of tables and columns as SQL has them; some are key words. */
export const quoteName = (name: string): string => `"${name}"`;

/** The names of columns, with commas between. */
export const listNames = (columns: readonly CopiedColumn[]): string =>
  columns.map(({ name }) => quoteName(name)).join(', ');
