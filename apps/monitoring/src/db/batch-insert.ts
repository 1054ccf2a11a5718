import { getSqlConnection, type MaybePromise, type RawStatement } from '@seguridad-abc/platform';
import { getTableColumns, sql } from 'drizzle-orm';
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
  const properties = Object.keys(getTableColumns(table)) as (keyof T['$inferSelect'] & string)[];
  const createPlaceholders = (row: number) =>
    Object.fromEntries(
      properties.map((property, column) => [
        property,
        sql.placeholder(String(row * properties.length + column)),
      ]),
    );
  const statements = new Map<number, PreparedStatement<Returned>>();
  const getStatement = (count: number): PreparedStatement<Returned> => {
    let statement = statements.get(count);
    if (!statement) {
      const values = Array.from({ length: count }, (_, row) => createPlaceholders(row));
      const insert = db.insert(table).values(values as never);
      statement = prepare(db, complete(insert as never));
      statements.set(count, statement);
    }
    return statement;
  };
  /** The values of the placeholders, whose names are the positions in this array. */
  const toValues = (rows: readonly T['$inferSelect'][]): unknown[] =>
    rows.flatMap((row) => properties.map((property) => row[property]));
  const runPart = (rows: readonly T['$inferSelect'][]) => getStatement(rows.length).run(toValues(rows));
  const allPart = (rows: readonly T['$inferSelect'][]) => getStatement(rows.length).all(toValues(rows));
  return {
    // The usual case is one part, which needs no further promise.
    run: (rows) => (isOnePart(rows) ? runPart(rows) : runParts(rows, runPart).then(ignoreResults)),
    all: (rows) =>
      isOnePart(rows) ? allPart(rows) : runParts(rows, allPart).then((returned) => returned.flat()),
  };
}

const ignoreResults = () => undefined;

const isOnePart = ({ length }: readonly unknown[]): boolean => length > 0 && length <= MAX_ROWS_PER_INSERT;

/** Prepares the insert of several rows whose values are as SQLite stores them. */
export function prepareStoredRowInsert(
  db: MonitoringDrizzle,
  table: string,
  columns: readonly string[],
): (rows: readonly (readonly unknown[])[]) => Promise<void> {
  const connection = getSqlConnection(db);
  const statements = new Map<number, RawStatement>();
  const placeholders = `(${columns.map(() => '?').join(', ')})`;
  const getStatement = (count: number): RawStatement => {
    let statement = statements.get(count);
    if (!statement) {
      const values = Array.from({ length: count }, () => placeholders).join(', ');
      statement = connection.prepare(`insert into ${table} (${columns.join(', ')}) values ${values}`);
      statements.set(count, statement);
    }
    return statement;
  };
  return async (rows) => {
    await runParts(rows, (part) => getStatement(part.length).run(part.flat()));
  };
}

/** Runs a statement for each part of many rows. @returns its results */
async function runParts<Row, Result>(
  rows: readonly Row[],
  run: (part: readonly Row[]) => MaybePromise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < rows.length; from += MAX_ROWS_PER_INSERT)
    results.push(await run(rows.slice(from, from + MAX_ROWS_PER_INSERT)));
  return results;
}
