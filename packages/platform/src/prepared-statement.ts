import {
  Column,
  is,
  Param,
  Placeholder,
  SQL,
  Subquery,
  type DriverValueDecoder,
  type Query,
} from 'drizzle-orm';
import { getSqlConnection, type MaybePromise, type StatementBuilder } from './sql-connection.js';

/** The values of a statement's placeholders, by their names. */
export type PlaceholderValues = object;

/** A statement that is compiled once, and runs on SQLite and PostgreSQL. */
export interface PreparedStatement<Row> {
  /** @returns the first row */
  get(values?: PlaceholderValues): Promise<Row | undefined>;
  all(values?: PlaceholderValues): Promise<Row[]>;
  run(values?: PlaceholderValues): Promise<void>;
}

/** A query of Drizzle that can be prepared. */
export interface PreparableQuery<Row> {
  // Without `returning`, Drizzle's type of a write has an error instead of rows.
  prepare(): {
    all(values?: Record<string, unknown>): Promise<Row[] | { readonly $drizzleTypeError: string }>;
  };
}

/**
 * Prepares a query of Drizzle. Drizzle's own prepared statements interpret the query each time that they run, which costs more
 * than SQLite's work.
 * @throws Error if the query has a join whose rows may be missing
 */
export function prepare<Row>(db: object, query: PreparableQuery<Row>): PreparedStatement<Row> {
  const { fields, joinsNotNullableMap, ...drizzleQuery } = describeQuery(query);
  if (Object.values(joinsNotNullableMap ?? {}).includes(false))
    throw new Error(`A prepared query may have inner joins only: ${drizzleQuery.sql}`);
  const statement = getSqlConnection(db).prepare(drizzleQuery.sql);
  const toValues = createParameterEncoder(drizzleQuery);
  const toRow = createRowDecoder(fields ?? []) as (row: readonly unknown[]) => Row;
  return {
    get: createRunner(statement.get, toValues, (row) => row && toRow(row)),
    all: createRunner(statement.all, toValues, (rows) => rows.map(toRow)),
    run: createRunner(statement.run, toValues, ignoreResult),
  };
}

const ignoreResult = () => undefined;

/**
 * Creates a function that runs a statement, and converts its result. SQLite has it at once: one promise is created then, where an
 * asynchronous function would create two and wait once more. Every command runs some twenty statements.
 */
const createRunner =
  <Result, Converted>(
    run: (parameters: readonly unknown[]) => MaybePromise<Result>,
    toParameters: (values: PlaceholderValues) => unknown[],
    convert: (result: Result) => Converted,
  ) =>
  (values: PlaceholderValues = NO_VALUES): Promise<Converted> => {
    try {
      const result = run(toParameters(values));
      return result instanceof Promise ? result.then(convert) : Promise.resolve(convert(result));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };

/**
 * Prepares an insert, and other statements without rows whose parameters are placeholders.
 * @returns a function that runs it with the values of the placeholders
 */
export function prepareInsert(
  db: object,
  insert: { toSQL(): { readonly sql: string; readonly params: readonly unknown[] } },
): (row: object) => Promise<void> {
  const query = insert.toSQL();
  const statement = getSqlConnection(db).prepare(query.sql);
  return createRunner(statement.run, createParameterEncoder(query), ignoreResult);
}

/** Runs a query that Drizzle cannot build. @returns its rows, with the columns by their names in SQL */
export async function queryRows<Row extends object>(db: object, query: SQL): Promise<Row[]> {
  const built = buildQuery(db, query);
  return getSqlConnection(db).queryObjects<Row>(built.sql, built.params);
}

/** Runs a statement that Drizzle cannot build. @returns the number of changed rows */
export async function runSql(db: object, query: SQL): Promise<number> {
  const built = buildQuery(db, query);
  return getSqlConnection(db).prepare(built.sql).run(built.params);
}

const buildQuery = (db: object, query: SQL) => (db as StatementBuilder).dialect.sqlToQuery(query);

const NO_VALUES: PlaceholderValues = {};

interface SelectedField {
  readonly path: readonly string[];
  readonly field: Column | SQL | SQL.Aliased | Subquery;
}

interface DescribedQuery extends Pick<Query, 'sql' | 'params'> {
  readonly fields: readonly SelectedField[] | undefined;
  readonly joinsNotNullableMap: Readonly<Record<string, boolean>> | undefined;
}

/** Drizzle builds a prepared query in both dialects; its selected fields have no public name. */
function describeQuery(query: PreparableQuery<unknown>): DescribedQuery {
  const prepared = query.prepare() as unknown as Omit<DescribedQuery, 'sql' | 'params'> & {
    getQuery(): Query;
  };
  const { sql, params } = prepared.getQuery();
  const { fields, joinsNotNullableMap } = prepared;
  return { sql, params, fields, joinsNotNullableMap };
}

type ValueEncoder = (values: Readonly<Record<string, unknown>>) => unknown;

/** @returns a function from the values of the placeholders to the values of the parameters, in their order */
function createParameterEncoder({ params }: { readonly params: readonly unknown[] }) {
  const encoders = params.map(createValueEncoder);
  return (values: PlaceholderValues): unknown[] =>
    encoders.map((encode) => encode(values as Readonly<Record<string, unknown>>));
}

function createValueEncoder(param: unknown): ValueEncoder {
  if (is(param, Placeholder)) {
    const { name } = param;
    return (values) => getValue(values, name);
  }
  if (is(param, Param) && is(param.value, Placeholder)) {
    const { encoder } = param;
    const { name } = param.value;
    // Most columns need no conversion.
    if (encoder.mapToDriverValue === Column.prototype.mapToDriverValue)
      return (values) => getValue(values, name);
    return (values) => {
      const value = getValue(values, name);
      // The encoder of a JSON column would store the text `null`.
      return value === null ? null : encoder.mapToDriverValue(value);
    };
  }
  return () => param;
}

function getValue(values: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = values[name];
  if (value === undefined) throw new Error(`The placeholder ${name} has no value.`);
  return value;
}

/** @returns a function from a row of columns to the object that Drizzle would return */
function createRowDecoder(fields: readonly SelectedField[]): (row: readonly unknown[]) => object {
  const decoders = fields.map(({ path, field }) => {
    const decoder = getDecoder(field);
    return {
      path,
      name: path[0] ?? '',
      isNested: path.length > 1,
      // Most columns need no conversion.
      decoder: decoder.mapFromDriverValue === Column.prototype.mapFromDriverValue ? undefined : decoder,
    };
  });
  return (row) => {
    const result: Record<string, unknown> = {};
    for (let column = 0; column < decoders.length; column++) {
      const decoder = decoders[column];
      if (!decoder) break;
      const stored = row[column];
      const value = stored === null || !decoder.decoder ? stored : decoder.decoder.mapFromDriverValue(stored);
      if (decoder.isNested) setNested(result, decoder.path, value);
      else result[decoder.name] = value;
    }
    return result;
  };
}

function setNested(result: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = result;
  for (const name of path.slice(0, -1)) node = (node[name] ??= {}) as Record<string, unknown>;
  node[path.at(-1) ?? ''] = value;
}

function getDecoder(field: SelectedField['field']): DriverValueDecoder<unknown, unknown> {
  if (is(field, Column)) return field;
  const { decoder } = (is(field, SQL) ? field : is(field, Subquery) ? field._.sql : field.sql) as unknown as {
    decoder: DriverValueDecoder<unknown, unknown>;
  };
  return decoder;
}
