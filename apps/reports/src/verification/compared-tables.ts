import { getTableColumns } from 'drizzle-orm';
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { alarms, devices, intervals, openings, rules, setAsideEntries, users } from '../db/schema.js';

export const COMPARED_TABLE_NAMES = [
  'openings',
  'intervals',
  'rules',
  'alarms',
  'devices',
  'users',
  'set_aside',
] as const;
export type ComparedTableName = (typeof COMPARED_TABLE_NAMES)[number];

/** How the rows of a table are read for a comparison: without what means nothing outside of one database. */
export interface ComparedTable {
  readonly name: ComparedTableName;
  /** SQL expressions. The first ones identify a row; an index has them in this order. */
  readonly columns: readonly string[];
  readonly keyLength: number;
  /** SQL expressions of values that may differ, and that a repair writes. */
  readonly uncompared: readonly string[];
  /** SQL: what follows `from`. */
  readonly source: string;
}

interface TableColumns {
  readonly key: readonly string[];
  /** @default none */
  readonly omitted?: readonly string[];
  /** @default none */
  readonly uncompared?: readonly string[];
}

function describeTable(
  table: SQLiteTable,
  { key, omitted = [], uncompared = [] }: TableColumns,
): ComparedTable {
  const { name } = getTableConfig(table);
  const all = Object.values(getTableColumns(table)).map((column) => column.name);
  const others = all.filter((column) => ![...key, ...omitted, ...uncompared].includes(column));
  const toExpressions = (columns: readonly string[]) => columns.map((column) => `${name}.${column}`);
  return {
    name: name as ComparedTableName,
    columns: toExpressions([...key, ...others]),
    uncompared: toExpressions(all.filter((column) => uncompared.includes(column))),
    keyLength: key.length,
    source: name,
  };
}

const comparedIntervals = describeTable(intervals, { key: ['start_id'], omitted: ['opening_id'] });

/** The tables of the read model, in the order in which rows are added: an interval belongs to an opening. */
export const COMPARED_TABLES: readonly ComparedTable[] = [
  describeTable(openings, { key: ['user_id', 'name'], omitted: ['id'] }),
  {
    ...comparedIntervals,
    columns: ['openings.user_id', 'openings.name', ...comparedIntervals.columns],
    keyLength: 3,
    // The order of the index of openings, then that of the primary key of intervals.
    source: 'openings cross join intervals on intervals.opening_id = openings.id',
  },
  describeTable(rules, { key: ['id'] }),
  describeTable(alarms, { key: ['id'] }),
  describeTable(devices, { key: ['id'] }),
  describeTable(users, { key: ['id'] }),
  // Why and when an entry was set aside depends on the software version and the time.
  describeTable(setAsideEntries, { key: ['position'], uncompared: ['reason', 'attempts', 'set_aside_at'] }),
];

export const getComparedTable = (name: ComparedTableName): ComparedTable => {
  const found = COMPARED_TABLES.find((table) => table.name === name);
  if (!found) throw new Error(`The table ${name} is not compared.`);
  return found;
};
