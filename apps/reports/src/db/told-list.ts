import { sql, type SQL } from 'drizzle-orm';

/** A list that is given when the statement is run, see {@link asList}: a row `told` with a `value` for each. */
export const TOLD: SQL = sql`json_each(${sql.placeholder('list')}) as told`;

/** One parameter, however long the list: the statement stays the same, and no limit of SQLite's is met. */
export const asList = (values: readonly unknown[]): { list: string } => {
  const each = new Set(values.map((value) => JSON.stringify(value)));
  return { list: `[${[...each].join()}]` };
};
