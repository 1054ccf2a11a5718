import { getTableColumns, sql, type Placeholder, type SQL, type Table } from 'drizzle-orm';

export { prepareInsert } from '@seguridad-abc/platform';

/** The values of a prepared insert: one placeholder for each column, named like the column's property. */
export const createColumnPlaceholders = <T extends Table>(table: T) =>
  mapColumns(table, (property) => sql.placeholder(property)) as Record<keyof T['$inferInsert'], Placeholder>;

/** The `set` of an upsert that overwrites every column with the value of the insert. */
export const createUpsertValues = <T extends Table>(table: T) =>
  mapColumns(table, (_, name) => sql`excluded.${sql.identifier(name)}`) as Record<
    keyof T['$inferInsert'],
    SQL
  >;

const mapColumns = <Value>(table: Table, createValue: (property: string, name: string) => Value) =>
  Object.fromEntries(
    Object.entries<{ readonly name: string }>(getTableColumns(table)).map(([property, { name }]) => [
      property,
      createValue(property, name),
    ]),
  );

/**
 * The limit of a prepared query. If the limit were a plain parameter, SQLite would compile the query again for each execution,
 * because the value may change the plan.
 */
export const createPreparedLimit = (limit: number | Placeholder): Placeholder =>
  // Drizzle accepts any expression, but its type does not say so.
  sql`${limit} + 0` as unknown as Placeholder;
