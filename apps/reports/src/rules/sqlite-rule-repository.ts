import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { createSqliteListRepository, buildScopeValueSql } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { checkpoint, projectedRuleColumns, rules } from '../db/schema.js';
import { toRuleChange } from '../domain/projection.js';
import { INITIAL_CHECKPOINT, type ProjectedRule } from '../domain/read-model.js';
import type { ProjectedRuleRepository } from './rule-repository.js';

const listed = alias(rules, 'listed');

/** Creates the {@link ProjectedRuleRepository} over the `rules` table. */
export const createSqliteProjectedRuleRepository = (db: ReportsDrizzle): ProjectedRuleRepository => ({
  findByIds: (ids) =>
    runAsPromise(() => {
      const found = db.select(projectedRuleColumns).from(rules).where(buildIsOneOfSql(rules.id, ids)).all();
      return new Map(found.map(({ state }) => [state.id, state]));
    }),

  findChangesSince: (after, userId, limit) =>
    runAsPromise(() =>
      // One transaction: the checkpoint belongs to the changes.
      db.transaction((tx) => {
        const { logId, position } = tx.select().from(checkpoint).get() ?? INITIAL_CHECKPOINT;
        const isOfUser = userId === null ? undefined : eq(rules.userId, userId);
        const found = tx
          .select(projectedRuleColumns)
          .from(rules)
          .where(and(gt(rules.changedPosition, after), isOfUser))
          .orderBy(asc(rules.changedPosition))
          .limit(limit)
          .all();
        return { logId, position, changes: found.map(toRuleChange) };
      }),
    ),

  ...createSqliteListRepository(db, {
    table: rules,
    listed,
    columns: projectedRuleColumns,
    sortColumns: ['createdPosition'],
    buildConditions: (scopeColumns, { enabled, search }) => [
      isNull(listed.deletedAt),
      ...scopeColumns.map((column) => eq(listed[column], buildScopeValueSql(column))),
      // A literal, not a parameter: SQLite then uses the partial index over disabled rules.
      enabled === undefined ? undefined : sql`${listed.enabled} = ${sql.raw(enabled ? '1' : '0')}`,
      search === undefined ? undefined : sql`instr(${listed.searchName}, ${search}) > 0`,
    ],
    toItem: ({ state, createdPosition }: ProjectedRule) => ({ node: state, sortKey: [createdPosition] }),
  }),
});
