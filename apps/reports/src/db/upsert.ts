import { getTableColumns, sql, type Column } from 'drizzle-orm';
import type { IndexColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Db } from './open.js';

/**
 * Writes a whole row, but for the primary key of one that is there. Prepared once: building the statement costs several
 * times as much as running it.
 * @param target what tells rows apart
 */
export function prepareUpsert<Table extends SQLiteTable>(
  db: Db,
  table: Table,
  target: IndexColumn[],
): (row: Table['$inferInsert']) => void {
  const columns = Object.entries<Column>(getTableColumns(table));
  const perColumn = <Value>(
    make: (key: string, column: Column) => Value,
    which: (column: Column) => boolean = () => true,
  ) =>
    Object.fromEntries(
      columns.filter(([, column]) => which(column)).map(([key, column]) => [key, make(key, column)]),
    );
  const absent = perColumn(() => null);
  const statement = db
    .insert(table)
    .values(perColumn((key) => sql.placeholder(key)) as Table['$inferInsert'])
    .onConflictDoUpdate({
      target,
      set: perColumn(
        (_, { name }) => sql`excluded.${sql.identifier(name)}`,
        ({ primary }) => !primary,
      ) as Table['$inferInsert'],
    })
    .prepare();
  return (row) => void statement.run({ ...absent, ...row });
}
