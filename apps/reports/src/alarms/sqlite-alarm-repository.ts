import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { and, asc, eq, gt, inArray, sql, type Column, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { SortKeyRange } from '../connections/list-repository.js';
import { createSqliteListRepository, buildScopeValueSql } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { projectedAlarmColumns, alarms, checkpoint, historyHorizon } from '../db/schema.js';
import { INITIAL_CHECKPOINT, type ProjectedAlarm } from '../domain/read-model.js';
import { toAlarmChange } from '../domain/projection.js';
import type {
  AlarmFilter,
  ProjectedAlarmRepository,
  AlarmScopeColumn,
  AlarmSortKey,
} from './alarm-repository.js';

const listed = alias(alarms, 'listed');

/** Creates the {@link ProjectedAlarmRepository} over the `alarms` table. */
export const createSqliteProjectedAlarmRepository = (db: ReportsDrizzle): ProjectedAlarmRepository => ({
  findByIds: (ids) =>
    runAsPromise(() => {
      const found = db
        .select(projectedAlarmColumns)
        .from(alarms)
        .where(buildIsOneOfSql(alarms.id, ids))
        .all();
      return new Map(found.map(({ state }) => [state.id, state]));
    }),

  ...createSqliteListRepository(db, {
    table: alarms,
    listed,
    columns: projectedAlarmColumns,
    sortColumns: ['raisedAt', 'id'],
    buildConditions,
    narrowRange,
    toItem: ({ state }: ProjectedAlarm) => ({ node: state, sortKey: [state.raisedAt, state.id] }),
  }),

  findChangesSince: (after, userId, limit) =>
    runAsPromise(() =>
      // One transaction: the checkpoint belongs to the changes.
      db.transaction((tx) => {
        const { logId, position } = tx.select().from(checkpoint).get() ?? INITIAL_CHECKPOINT;
        const isOfUser = userId === null ? undefined : eq(alarms.userId, userId);
        const found = tx
          .select(projectedAlarmColumns)
          .from(alarms)
          .where(and(gt(alarms.changedPosition, after), isOfUser))
          .orderBy(asc(alarms.changedPosition))
          .limit(limit)
          .all();
        const horizon = tx.select().from(historyHorizon).get();
        return {
          logId,
          position,
          ...(horizon && { compactedUpTo: horizon.position }),
          changes: found.map(toAlarmChange),
        };
      }),
    ),
});

/** How a condition names its column. */
type ColumnReference = (column: Column) => SQL;
const indexable: ColumnReference = (column) => sql`${column}`;
/** A unary `+` keeps SQLite from using an index for the condition. */
const notIndexable: ColumnReference = (column) => sql`+${column}`;

/**
 * Builds the conditions so that SQLite uses the index of the most selective one.
 * SQLite has no statistics here and could choose a worse index. A list of a rule uses the index of the rule; any other
 * scope uses the index of its columns; a list without scope uses the index of the first filter condition.
 */
function buildConditions(scopeColumns: readonly AlarmScopeColumn[], filter: AlarmFilter): SQL[] {
  const scopeConditions = scopeColumns.map((column) => {
    const refer = scopeColumns.includes('ruleId') && column !== 'ruleId' ? notIndexable : indexable;
    return sql`${refer(listed[column])} = ${buildScopeValueSql(column)}`;
  });
  const [first, ...others] = buildFilterConditions(filter);
  const referToFirst = scopeColumns.length === 0 ? indexable : notIndexable;
  return [
    ...scopeConditions,
    ...(first ? [first(referToFirst)] : []),
    ...others.map((condition) => condition(notIndexable)),
  ];
}

/** The conditions of a filter, the most selective first. */
function buildFilterConditions(filter: AlarmFilter): ((refer: ColumnReference) => SQL)[] {
  const { kind, severity, status, acknowledged } = filter;
  const conditions: ((refer: ColumnReference) => SQL)[] = [];
  const onlyStatus = status?.length === 1 ? status[0] : undefined;
  // A literal, not a parameter: SQLite then uses the partial indexes over active or retracted alarms, also within a
  // user's list.
  if (onlyStatus) conditions.push(() => sql`${listed.status} = ${sql.raw(`'${onlyStatus}'`)}`);
  if (acknowledged !== undefined) {
    const nullness = sql.raw(acknowledged ? 'not null' : 'null');
    conditions.push((refer) => sql`${refer(listed.acknowledgedAt)} is ${nullness}`);
  }
  if (severity) {
    conditions.push((refer) =>
      severity.length === 1
        ? sql`${refer(listed.severity)} = ${severity[0]}`
        : inArray(notIndexable(listed.severity), [...severity]),
    );
  }
  if (kind) conditions.push((refer) => sql`${refer(listed.kind)} = ${kind}`);
  if (status && !onlyStatus) conditions.push(() => inArray(listed.status, [...status]));
  return conditions;
}

/** Sorts before every id of the same instant. */
const FIRST_ID = '';

/** Applies the `raisedAt` filters to the range: the sort key begins with that column. */
function narrowRange(
  { raisedFrom, raisedBefore }: AlarmFilter,
  { below, above, inclusive }: SortKeyRange<AlarmSortKey>,
): SortKeyRange<AlarmSortKey> {
  const toKeys = (instant: string | undefined, key: AlarmSortKey | undefined): AlarmSortKey[] => [
    ...(instant === undefined ? [] : [[instant, FIRST_ID] as const]),
    ...(key ? [key] : []),
  ];
  return {
    below: toKeys(raisedBefore, below).sort(compareSortKeys)[0],
    above: toKeys(raisedFrom, above).sort(compareSortKeys).at(-1),
    inclusive,
  };
}

const compareSortKeys = ([raisedAt, id]: AlarmSortKey, other: AlarmSortKey): number => {
  if (raisedAt !== other[0]) return raisedAt < other[0] ? -1 : 1;
  return id < other[1] ? -1 : 1;
};
