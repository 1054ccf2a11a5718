import { getTableColumns, sql, type Placeholder, type Table } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { prepare, type PreparableQuery, type PreparedStatement } from './prepared-statement.js';

/** Rows that one statement inserts at most. */
export const MAX_ROWS_PER_INSERT = 100;

/**
 * Prepares the insert of several rows as one statement. The statement of each number of rows is compiled when it is first needed.
 * @param complete adds what follows the values, such as `onConflictDoNothing`
 * @returns a function that inserts rows, and returns what the statement returns
 */
export function prepareBatchInsert<T extends SQLiteTable, Row>(
  db: MonitoringDrizzle,
  table: T,
  complete: (insert: ReturnType<ReturnType<MonitoringDrizzle['insert']>['values']>) => PreparableQuery<Row>,
): (rows: readonly T['$inferSelect'][]) => Promise<Row[]> {
  const properties = Object.keys(getTableColumns(table));
  const statements = new Map<number, PreparedStatement<Row>>();
  const getStatement = (count: number): PreparedStatement<Row> => {
    let statement = statements.get(count);
    if (!statement) {
      const values = Array.from({ length: count }, (_, index) => createPlaceholders(table, index));
      const insert = db.insert(table).values(values as never);
      statement = prepare(db, complete(insert as never));
      statements.set(count, statement);
    }
    return statement;
  };
  return async (rows) => {
    const returned: Row[] = [];
    for (let from = 0; from < rows.length; from += MAX_ROWS_PER_INSERT) {
      const some = rows.slice(from, from + MAX_ROWS_PER_INSERT);
      const values: Record<string, unknown> = {};
      some.forEach((row, index) => {
        for (const property of properties) values[`${property}${index}`] = row[property];
      });
      returned.push(...(await getStatement(some.length).all(values)));
    }
    return returned;
  };
}

const createPlaceholders = (table: Table, index: number): Record<string, Placeholder> =>
  Object.fromEntries(
    Object.keys(getTableColumns(table)).map((property) => [property, sql.placeholder(`${property}${index}`)]),
  );
