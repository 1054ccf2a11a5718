import { getTableColumns, sql, type Placeholder, type Table } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { prepare, type PreparableQuery, type PreparedStatement } from './prepared-statement.js';

/** Rows that one statement inserts at most. */
export const MAX_ROWS_PER_INSERT = 100;

/** The insert of several rows as one statement. */
export interface BatchInsert<Row, Returned> {
  run(rows: readonly Row[]): Promise<void>;
  /** @returns what `returning` selects of each row that was inserted */
  all(rows: readonly Row[]): Promise<Returned[]>;
}

/**
 * Prepares the insert of several rows. The statement of each number of rows is compiled when it is first needed.
 * @param complete adds what follows the values, such as `onConflictDoNothing`
 */
export function prepareBatchInsert<T extends SQLiteTable, Returned>(
  db: MonitoringDrizzle,
  table: T,
  complete: (
    insert: ReturnType<ReturnType<MonitoringDrizzle['insert']>['values']>,
  ) => PreparableQuery<Returned>,
): BatchInsert<T['$inferSelect'], Returned> {
  const properties = Object.keys(getTableColumns(table));
  const statements = new Map<number, PreparedStatement<Returned>>();
  const getStatement = (count: number): PreparedStatement<Returned> => {
    let statement = statements.get(count);
    if (!statement) {
      const values = Array.from({ length: count }, (_, index) => createPlaceholders(table, index));
      const insert = db.insert(table).values(values as never);
      statement = prepare(db, complete(insert as never));
      statements.set(count, statement);
    }
    return statement;
  };
  const toValues = (rows: readonly T['$inferSelect'][]) => {
    const values: Record<string, unknown> = {};
    rows.forEach((row, index) => {
      for (const property of properties) values[`${property}${index}`] = row[property];
    });
    return values;
  };
  return {
    async run(rows) {
      for (const some of splitRows(rows)) await getStatement(some.length).run(toValues(some));
    },
    async all(rows) {
      const returned: Returned[] = [];
      for (const some of splitRows(rows))
        returned.push(...(await getStatement(some.length).all(toValues(some))));
      return returned;
    },
  };
}

function* splitRows<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += MAX_ROWS_PER_INSERT)
    yield rows.slice(from, from + MAX_ROWS_PER_INSERT);
}

const createPlaceholders = (table: Table, index: number): Record<string, Placeholder> =>
  Object.fromEntries(
    Object.keys(getTableColumns(table)).map((property) => [property, sql.placeholder(`${property}${index}`)]),
  );
