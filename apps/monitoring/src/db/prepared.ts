import { getTableColumns, sql, type Placeholder, type SQL, type Table } from 'drizzle-orm';

/** Every column of a row as a value that is given when the statement is run. */
export const placeholders = <T extends Table>(table: T) =>
  columns(table, ([key]) => sql.placeholder(key)) as Record<keyof T['$inferInsert'], Placeholder>;

/** For an upsert: every column as it was to be inserted. */
export const replaced = <T extends Table>(table: T) =>
  columns(table, ([, { name }]) => sql`excluded.${sql.identifier(name)}`) as Record<
    keyof T['$inferInsert'],
    SQL
  >;

const columns = <Value>(table: Table, value: (entry: [string, { readonly name: string }]) => Value) =>
  Object.fromEntries(Object.entries(getTableColumns(table)).map((entry) => [entry[0], value(entry)]));
