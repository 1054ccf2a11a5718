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
  /** SQL: what follows `from`. */
  readonly source: string;
}

const describeTable = (
  table: SQLiteTable,
  key: readonly string[],
  omitted: readonly string[] = [],
): ComparedTable => {
  const { name } = getTableConfig(table);
  const others = Object.values(getTableColumns(table))
    .map((column) => column.name)
    .filter((column) => !key.includes(column) && !omitted.includes(column));
  const columns = [...key, ...others].map((column) => `${name}.${column}`);
  return { name: name as ComparedTableName, columns, keyLength: key.length, source: name };
};

const comparedIntervals = describeTable(intervals, ['start_id'], ['opening_id']);

/** The tables of the read model, in the order in which rows are added: an interval belongs to an opening. */
export const COMPARED_TABLES: readonly ComparedTable[] = [
  describeTable(openings, ['user_id', 'name'], ['id']),
  {
    ...comparedIntervals,
    columns: ['openings.user_id', 'openings.name', ...comparedIntervals.columns],
    keyLength: 3,
    // The order of the index of openings, then that of the primary key of intervals.
    source: 'openings cross join intervals on intervals.opening_id = openings.id',
  },
  describeTable(rules, ['id']),
  describeTable(alarms, ['id']),
  describeTable(devices, ['id']),
  describeTable(users, ['id']),
  describeTable(setAsideEntries, ['position']),
];

export const getComparedTable = (name: ComparedTableName): ComparedTable => {
  const found = COMPARED_TABLES.find((table) => table.name === name);
  if (!found) throw new Error(`The table ${name} is not compared.`);
  return found;
};
