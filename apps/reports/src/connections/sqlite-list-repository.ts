import { runAsPromise } from '@seguridad-abc/platform';
import { and, asc, desc, sql, type SQL } from 'drizzle-orm';
import type { SelectedFields, SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { ReportsDrizzle } from '../db/reports-database.js';
import type { SortKeyRange, ListItem, ListRepository, ListScope, ListSortKey } from './list-repository.js';

type TableWithColumns<Name extends string> = SQLiteTable & Readonly<Record<Name, SQLiteColumn>>;

/** How the rows of a table form lists. */
export interface SqliteListOptions<
  ScopeColumn extends string,
  SortColumn extends string,
  Filter,
  Row,
  Node,
  Key extends ListSortKey,
> {
  readonly table: TableWithColumns<'id' | SortColumn>;
  /** `table` under the alias `listed`. Conditions refer to its columns. */
  readonly listed: TableWithColumns<'id' | SortColumn>;
  /** The columns to select for each item. */
  readonly columns: SelectedFields;
  /** The columns whose values form the sort key. */
  readonly sortColumns: readonly SortColumn[];
  /** The conditions for a filter and a scope with these columns; {@link buildScopeValueSql} is the value of a column. */
  readonly buildConditions: (
    scopeColumns: readonly ScopeColumn[],
    filter: Filter,
  ) => readonly (SQL | undefined)[];
  /** Applies filters on the sort key to the range. @default the range is unchanged */
  readonly narrowRange?: (filter: Filter, range: SortKeyRange<Key>) => SortKeyRange<Key>;
  readonly toItem: (row: Row) => ListItem<Node, Key>;
}

/** SQL for the value that the scope of the current list has for a column. */
export const buildScopeValueSql = (column: string): SQL => sql`list.value ->> ${sql.raw(`'${column}'`)}`;

/** Creates a {@link ListRepository} over one table. */
export function createSqliteListRepository<
  ScopeColumn extends string,
  SortColumn extends string,
  Filter,
  Row,
  Node,
  Key extends ListSortKey,
>(
  db: ReportsDrizzle,
  options: SqliteListOptions<ScopeColumn, SortColumn, Filter, Row, Node, Key>,
): ListRepository<ScopeColumn, Filter, Node, Key> {
  const { table, listed, columns, sortColumns, buildConditions, toItem } = options;
  const narrowRange = options.narrowRange ?? ((_: Filter, range: SortKeyRange<Key>) => range);

  const getSortColumns = (source: Readonly<Record<SortColumn, SQLiteColumn>>): SQLiteColumn[] =>
    sortColumns.map((name) => source[name]);
  const sortKeyColumns = sql.join(getSortColumns(listed), sql`, `);
  const toValues = (key: ListSortKey): SQL =>
    sql.join(
      key.map((value) => sql`${value}`),
      sql`, `,
    );

  /** The rows of one list. SQLite runs this subquery for each row of `list`. */
  const buildListRows = (
    scopes: readonly ListScope<ScopeColumn>[],
    filter: Filter,
    range: SortKeyRange<Key>,
  ): SQL => {
    const scopeColumns = Object.keys(scopes[0] ?? {}) as ScopeColumn[];
    const { below, above, inclusive = false } = narrowRange(filter, range);
    const where = and(
      ...buildConditions(scopeColumns, filter),
      below && sql`(${sortKeyColumns}) ${sql.raw(inclusive ? '<=' : '<')} (${toValues(below)})`,
      above && sql`(${sortKeyColumns}) ${sql.raw(inclusive ? '>=' : '>')} (${toValues(above)})`,
    );
    return sql`from ${table} as listed where ${where ?? sql`true`}`;
  };

  /** Computes one value for each list. */
  const computePerList = (scopes: readonly ListScope<ScopeColumn>[], value: SQL): number[] =>
    db
      .select({ value: sql<number>`${value}` })
      .from(buildListTable(scopes))
      .orderBy(sql`list.key`)
      .all()
      .map((row) => row.value);

  return {
    readSlices: (scopes, filter, slice) =>
      runAsPromise(() => {
        const orderBy = (source: typeof table): SQL[] =>
          getSortColumns(source).map(slice.order === 'descending' ? desc : asc);
        const ids = sql`select ${listed.id} ${buildListRows(scopes, filter, slice)} order by ${sql.join(orderBy(listed), sql`, `)} limit ${slice.limit ?? -1}`;
        const rows = db
          .select({ ...columns, list: sql<number>`list.key` })
          .from(buildListTable(scopes))
          .innerJoin(table, sql`${table.id} in (${ids})`)
          .orderBy(sql`list.key`, ...orderBy(table))
          .all();
        const slices = Array.from(scopes, (): ListItem<Node, Key>[] => []);
        for (const { list, ...row } of rows as { list: number }[]) slices[list]?.push(toItem(row as Row));
        return slices;
      }),

    readCounts: (scopes, filter) =>
      runAsPromise(() => computePerList(scopes, sql`(select count(*) ${buildListRows(scopes, filter, {})})`)),

    readExistence: (scopes, filter, range) =>
      runAsPromise(() =>
        computePerList(scopes, sql`exists (select 1 ${buildListRows(scopes, filter, range)})`).map(
          (exists) => exists === 1,
        ),
      ),
  };
}

/** The table `list`: a row for each list, with its index as `key` and its scope as `value`. */
const buildListTable = (scopes: readonly object[]): SQL => sql`json_each(${JSON.stringify(scopes)}) as list`;
