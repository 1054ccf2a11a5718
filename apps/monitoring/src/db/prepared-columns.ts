import { getTableColumns, sql, type Placeholder, type SQL, type Table } from 'drizzle-orm';

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
