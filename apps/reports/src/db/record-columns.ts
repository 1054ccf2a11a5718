import { alarmStateSchema, ruleStateSchema } from '@seguridad-abc/contracts';
import { getTableColumns } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { alarms, intervals, openings, rules } from './schema.js';

/** The columns of `table` under the given keys. */
function pickColumns<Table extends SQLiteTable, Key extends string & keyof Table['_']['columns']>(
  table: Table,
  keys: readonly Key[],
) {
  const columns: Table['_']['columns'] = getTableColumns(table);
  return Object.fromEntries(keys.map((key) => [key, columns[key]])) as Pick<Table['_']['columns'], Key>;
}

/** The columns that `select` reads as a `ProjectedRule`. */
export const ruleRecordColumns = {
  state: pickColumns(rules, ruleStateSchema.keyof().options),
  createdPosition: rules.createdPosition,
};

/** The columns that `select` reads as a `ProjectedAlarm`. */
export const alarmRecordColumns = {
  state: pickColumns(alarms, alarmStateSchema.keyof().options),
  change: alarms.change,
  changedPosition: alarms.changedPosition,
};

/** The columns that `select` reads as a `ProjectedOpening`. */
export const openingRecordColumns = pickColumns(openings, [
  'userId',
  'name',
  'state',
  'since',
  'changedPosition',
]);

/** The columns that `select` reads as a `ProjectedInterval`, from `intervals` joined with `openings`. */
export const intervalRecordColumns = {
  userId: openings.userId,
  opening: openings.name,
  ...pickColumns(intervals, ['startId', 'startedAt', 'endedAt', 'changedPosition']),
};
