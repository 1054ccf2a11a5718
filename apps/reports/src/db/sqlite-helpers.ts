import { sql, type Column, type SQL } from 'drizzle-orm';

/**
 * Runs synchronous SQLite work and returns its result or its error as a promise.
 * Repositories are asynchronous interfaces, so that a database behind a network can implement them too.
 */
export const runAsPromise = <Result>(work: () => Result): Promise<Result> =>
  new Promise((resolve) => resolve(work()));

/**
 * The condition that a column holds one of the values.
 * The values are one JSON parameter: the statement text stays the same and SQLite's parameter limit does not apply.
 */
export const isOneOf = (column: Column, values: readonly string[]): SQL =>
  sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
