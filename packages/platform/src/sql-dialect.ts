import { sql, type Column, type SQL, type SQLWrapper } from 'drizzle-orm';

/** The SQL that differs between the databases. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgresql';
  /** The smaller of two values. On SQLite it is null if one of them is. */
  least(a: SQLWrapper, b: SQLWrapper): SQL;
  /** The larger of two values. On SQLite it is null if one of them is. */
  greatest(a: SQLWrapper, b: SQLWrapper): SQL;
  /** The condition that a text (also a column of JSON) contains another one. */
  contains(text: SQLWrapper, part: string | SQLWrapper): SQL;
  /** The text of a field of a JSON column's object; null if it has none. */
  jsonField(column: SQLWrapper, field: string): SQL<string | null>;
  /**
   * The condition that a value is one of a list. The list is one parameter: the statement text stays the same, and limits of the
   * number of parameters do not apply.
   */
  isOneOf(value: SQLWrapper, values: readonly (string | number)[]): SQL;
  /** The condition that a value is one of the elements of a placeholder's value, a JSON array as text. */
  isInJson(value: Column, placeholder: SQLWrapper): SQL;
  /** The end of a `select` that locks the rows it finds until the end of the transaction. SQLite has one writer, and needs none. */
  readonly forUpdate: SQL;
}

/** The SQL of SQLite. */
export const SQLITE_DIALECT: SqlDialect = {
  name: 'sqlite',
  least: (a, b) => sql`min(${a}, ${b})`,
  greatest: (a, b) => sql`max(${a}, ${b})`,
  contains: (text, part) => sql`instr(${text}, ${typeof part === 'string' ? sql.raw(quote(part)) : part})`,
  jsonField: (column, field) => sql`${column} ->> ${sql.raw(quote(`$.${field}`))}`,
  isOneOf: (value, values) => sql`${value} in (select value from json_each(${JSON.stringify(values)}))`,
  isInJson: (value, placeholder) => sql`${value} in (select value from json_each(${placeholder}))`,
  forUpdate: sql.empty(),
};

/** The SQL of PostgreSQL. */
export const POSTGRES_DIALECT: SqlDialect = {
  name: 'postgresql',
  least: (a, b) => sql`least(${a}, ${b})`,
  greatest: (a, b) => sql`greatest(${a}, ${b})`,
  contains: (text, part) =>
    sql`strpos(${text}, ${typeof part === 'string' ? sql.raw(quote(part)) : part}) > 0`,
  jsonField: (column, field) => sql`${column}::json ->> ${sql.raw(quote(field))}`,
  isOneOf: (value, values) =>
    typeof values[0] === 'number'
      ? sql`${value} = any(${sql.param(values)}::bigint[])`
      : sql`${value} = any(${sql.param(values)}::text[])`,
  isInJson: (value, placeholder) =>
    sql`${value} in (select value${sql.raw(value.dataType === 'number' ? '::bigint' : '')} from json_array_elements_text(${placeholder}::json))`,
  forUpdate: sql`for update`,
};

/** A literal of SQL, which the condition of an index needs instead of a parameter. */
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
