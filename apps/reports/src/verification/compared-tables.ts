import { getTableColumns } from 'drizzle-orm';
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import {
  alarms,
  alarmTimeline,
  calendars,
  devices,
  exceptions,
  heardInstants,
  intervals,
  openings,
  rules,
  setAsideEntries,
  users,
} from '../db/schema.js';

export const COMPARED_TABLE_NAMES = [
  'openings',
  'intervals',
  'heard_instants',
  'rules',
  'alarms',
  'alarm_timeline',
  'devices',
  'calendars',
  'exceptions',
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
  /** The columns that identify a row among those of an opening. Undefined: the rows do not belong to openings. */
  readonly openingKey: readonly string[] | undefined;
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
  const toExpressions = (columns: readonly string[]) => columns.map((column) => `${name}."${column}"`);
  return {
    name: name as ComparedTableName,
    columns: toExpressions([...key, ...others]),
    uncompared: toExpressions(all.filter((column) => uncompared.includes(column))),
    keyLength: key.length,
    source: name,
    openingKey: undefined,
  };
}

/** A table whose rows belong to openings, which have other numbers in each read model. */
function describeTableOfOpenings(table: SQLiteTable, openingKey: readonly string[]): ComparedTable {
  const described = describeTable(table, { key: openingKey, omitted: ['opening_id'] });
  return {
    ...described,
    columns: ['openings.user_id', 'openings.name', ...described.columns],
    keyLength: 2 + openingKey.length,
    // The order of the index of openings, then that of the primary key of the table.
    source: `openings cross join ${described.name} on ${described.name}.opening_id = openings.id`,
    openingKey,
  };
}

/** The tables of the read model, in the order in which rows are added: intervals and heard instants belong to openings. */
export const COMPARED_TABLES: readonly ComparedTable[] = [
  describeTable(openings, { key: ['user_id', 'name'], omitted: ['id'] }),
  describeTableOfOpenings(intervals, ['signal', 'start_id']),
  describeTableOfOpenings(heardInstants, ['at']),
  // Rules from before this column have the position of their creation in it.
  describeTable(rules, { key: ['id'], uncompared: ['changed_position'] }),
  describeTable(alarms, { key: ['id'] }),
  describeTable(alarmTimeline, { key: ['alarm_id', 'version'], omitted: ['id'] }),
  describeTable(devices, { key: ['id'] }),
  describeTable(calendars, { key: ['id'] }),
  describeTable(exceptions, { key: ['id'] }),
  describeTable(users, { key: ['id'] }),
  // Why and when an entry was set aside depends on the software version and the time.
  describeTable(setAsideEntries, { key: ['position'], uncompared: ['reason', 'attempts', 'set_aside_at'] }),
];

export const getComparedTable = (name: ComparedTableName): ComparedTable => {
  const found = COMPARED_TABLES.find((table) => table.name === name);
  if (!found) throw new Error(`The table ${name} is not compared.`);
  return found;
};
