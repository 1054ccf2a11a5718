import { sql, type Column, type SQL } from 'drizzle-orm';

/** One parameter, however long the list: the statement stays the same, and no limit of SQLite's is met. */
export const inList = (column: Column, values: readonly (string | number)[]): SQL =>
  sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
