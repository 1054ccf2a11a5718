import type { RunResult } from 'better-sqlite3';
import { getTableColumns, is, Param, Placeholder, sql, type SQL, type Table } from 'drizzle-orm';
import type { MonitoringDrizzle } from './monitoring-database.js';

/** The values of a prepared insert: one placeholder for each column, named like the column's property. */
export const createColumnPlaceholders = <T extends Table>(table: T) =>
  mapColumns(table, (property) => sql.placeholder(property)) as Record<keyof T['$inferInsert'], Placeholder>;

/**
 * Prepares an insert whose parameters are all placeholders. Drizzle's own prepared statements interpret the query each time
 * that they run, which costs more than SQLite's work.
 * @returns a function that runs it with the values of the placeholders
 */
export function prepareInsert(
  db: MonitoringDrizzle,
  insert: { toSQL(): { readonly sql: string; readonly params: readonly unknown[] } },
): (row: object) => RunResult {
  const { sql: text, params } = insert.toSQL();
  const columns = params.map((param) => {
    if (!is(param, Param) || !is(param.value, Placeholder)) throw new Error(`No placeholder in: ${text}`);
    return { property: param.value.name, encoder: param.encoder };
  });
  const statement = db.$client.prepare(text);
  return (row) => {
    const values = row as Readonly<Record<string, unknown>>;
    return statement.run(
      columns.map(({ property, encoder }) => {
        const value = values[property];
        // The encoder of a JSON column would store the text `null`.
        return value === null ? null : encoder.mapToDriverValue(value);
      }),
    );
  };
}

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
