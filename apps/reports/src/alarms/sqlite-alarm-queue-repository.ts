import { sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { SortKeyRange } from '../connections/list-repository.js';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { alarms, projectedAlarmColumns } from '../db/schema.js';
import { QUEUE_RANKS, type ProjectedAlarm } from '../domain/read-model.js';
import type { AlarmQueueFilter, AlarmQueueRepository, AlarmQueueSortKey } from './alarm-repository.js';

const listed = alias(alarms, 'listed');

/** Creates the {@link AlarmQueueRepository} over the `alarms` table. */
export const createSqliteAlarmQueueRepository = (db: ReportsDrizzle): AlarmQueueRepository =>
  createSqliteListRepository(db, {
    table: alarms,
    listed,
    columns: projectedAlarmColumns,
    sortColumns: ['queueRank', 'raisedAt', 'id'],
    buildConditions,
    narrowRange,
    toItem: ({ state }: ProjectedAlarm) => ({
      node: state,
      sortKey: [QUEUE_RANKS[state.severity], state.raisedAt, state.id],
    }),
  });

/**
 * Builds the conditions so that SQLite uses the index of the claim for the claims of an operator, which are few, else that of the
 * user, of the claim, or of the whole queue. Each is in the order of the queue, so a page costs the same however long the queue is, but
 * a user's unclaimed alarms, and severities with a gap, need a range of their index that has others too. A unary `+` keeps SQLite from
 * using an index for a condition.
 */
function buildConditions(
  scopeColumns: readonly 'userId'[],
  { severity, claimedBy }: AlarmQueueFilter,
): SQL[] {
  const conditions = [sql`${listed.queueRank} is not null`];
  const hasUser = scopeColumns.includes('userId');
  const isOfOperator = typeof claimedBy === 'string';
  if (hasUser) {
    const column = isOfOperator ? sql`+${listed.userId}` : sql`${listed.userId}`;
    conditions.push(sql`${column} = ${buildScopeValueSql('userId')}`);
  }
  if (isOfOperator) conditions.push(sql`${listed.claimedBy} = ${claimedBy}`);
  else if (claimedBy === null) {
    const column = hasUser ? sql`+${listed.claimedBy}` : sql`${listed.claimedBy}`;
    conditions.push(sql`${column} is null`);
  }
  const ranks = toRanks(severity ?? []);
  // `narrowRange` selects the others: only CRITICAL with INFO, and no severity, are no range.
  if (severity && ranks.length !== countSpannedRanks(ranks)) {
    const values = ranks.map((rank) => sql`${rank}`);
    conditions.push(sql`+${listed.queueRank} in (${sql.join(values, sql`, `)})`);
  }
  return conditions;
}

const toRanks = (severities: NonNullable<AlarmQueueFilter['severity']>): number[] =>
  [...new Set(severities.map((severity) => QUEUE_RANKS[severity]))].sort();

/** The number of ranks from the first to the last. */
const countSpannedRanks = (ranks: readonly number[]): number => Math.max(...ranks) - Math.min(...ranks) + 1;

/** Sorts before every alarm of a rank. */
const toFirstKey = (rank: number): AlarmQueueSortKey => [rank, '', ''];

/** Applies the filter of severities to the range: the sort key begins with them. */
function narrowRange(
  { severity }: AlarmQueueFilter,
  { below, above, inclusive }: SortKeyRange<AlarmQueueSortKey>,
): SortKeyRange<AlarmQueueSortKey> {
  const ranks = severity ? toRanks(severity) : [];
  const first = ranks[0];
  const last = ranks.at(-1);
  if (first === undefined || last === undefined) return { below, above, inclusive };
  const end = toFirstKey(last + 1);
  const start = toFirstKey(first);
  return {
    below: below && compareSortKeys(below, end) < 0 ? below : end,
    above: above && compareSortKeys(above, start) > 0 ? above : start,
    inclusive,
  };
}

function compareSortKeys(one: AlarmQueueSortKey, other: AlarmQueueSortKey): number {
  if (one[0] !== other[0]) return one[0] - other[0];
  if (one[1] !== other[1]) return one[1] < other[1] ? -1 : 1;
  return one[2] < other[2] ? -1 : Number(one[2] > other[2]);
}
