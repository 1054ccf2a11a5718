import { and, asc, desc, getTableColumns, sql, type Column, type SQL } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Bounds, ListReader, Of, Place, Placed } from '../queries/list-reader.js';
import type { Db } from './open.js';
import { promised } from './promised.js';

/** What makes lists of the rows of a table. */
export interface Listing<Row, Name extends string, Filter, Node, At extends Place> {
  readonly table: SQLiteTable & { readonly id: SQLiteColumn; readonly $inferSelect: Row };
  /** The table under the name `listed`, as the conditions have it. */
  readonly listed: SQLiteTable & { readonly id: SQLiteColumn };
  /** The columns whose values are a place, by their names in the table. */
  readonly order: readonly (string & keyof Row)[];
  /** @param of the columns that lists are of; {@link listValue} is the value of one */
  readonly conditions: (of: readonly Name[], filter: Filter) => readonly (SQL | undefined)[];
  /** Narrows the bounds as the filter does. */
  readonly within?: (filter: Filter, bounds: Bounds<At>) => Bounds<At>;
  readonly read: (row: Row) => Placed<Node, At>;
}

/** The value of a column in the list that is being read. */
export const listValue = (column: string): SQL => sql`list.value ->> ${sql.raw(`'${column}'`)}`;

export function createListReader<Row, Name extends string, Filter, Node, At extends Place>(
  db: Db,
  listing: Listing<Row, Name, Filter, Node, At>,
): ListReader<Name, Filter, Node, At> {
  const { table, listed, order, conditions, read } = listing;
  const within = listing.within ?? ((_: Filter, bounds: Bounds<At>) => bounds);
  const orderIn = (of: SQLiteTable): Column[] => {
    const columns = getTableColumns(of) as Record<string, Column>;
    return order.flatMap((name) => columns[name] ?? []);
  };
  const place = sql.join(orderIn(listed), sql`, `);
  const valuesOf = (at: Place) =>
    sql.join(
      at.map((value) => sql`${value}`),
      sql`, `,
    );

  /** The rows of one list, as a subquery that is run for each row of `list`. */
  const rowsOf = (lists: readonly Of<Name>[], filter: Filter, bounds: Bounds<At>): SQL => {
    const of = Object.keys(lists[0] ?? {}) as Name[];
    const { below, above, inclusive = false } = within(filter, bounds);
    const where = and(
      ...conditions(of, filter),
      below && sql`(${place}) ${sql.raw(inclusive ? '<=' : '<')} (${valuesOf(below)})`,
      above && sql`(${place}) ${sql.raw(inclusive ? '>=' : '>')} (${valuesOf(above)})`,
    );
    return sql`from ${table} as listed where ${where ?? sql`true`}`;
  };

  /** One value for each list. */
  const perList = <Value>(lists: readonly Of<Name>[], value: SQL): Value[] =>
    db
      .select({ value: sql<Value>`${value}` })
      .from(rowPer(lists))
      .orderBy(sql`list.key`)
      .all()
      .map((row) => row.value);

  return {
    stretches: (lists, filter, stretch) =>
      promised(() => {
        const { order: way, limit } = stretch;
        const inOrder = (of: SQLiteTable) => orderIn(of).map(way === 'newest first' ? desc : asc);
        const ids = sql`select ${listed.id} ${rowsOf(lists, filter, stretch)} order by ${sql.join(inOrder(listed), sql`, `)} limit ${limit ?? -1}`;
        const rows = db
          .select({ list: sql<number>`list.key`, row: table as SQLiteTable })
          .from(rowPer(lists))
          .innerJoin(table, sql`${table.id} in (${ids})`)
          .orderBy(sql`list.key`, ...inOrder(table))
          .all();
        const found = Array.from(lists, (): Placed<Node, At>[] => []);
        for (const { list, row } of rows) found[list]?.push(read(row as Row));
        return found;
      }),

    counts: (lists, filter) =>
      promised(() => perList<number>(lists, sql`(select count(*) ${rowsOf(lists, filter, {})})`)),

    any: (lists, filter, bounds) =>
      promised(() =>
        perList<number>(lists, sql`exists (select 1 ${rowsOf(lists, filter, bounds)})`).map(
          (any) => any === 1,
        ),
      ),
  };
}

/** `list`: a row for each list, with what it is of as `value`. */
const rowPer = (lists: readonly object[]): SQL => sql`json_each(${JSON.stringify(lists)}) as list`;
