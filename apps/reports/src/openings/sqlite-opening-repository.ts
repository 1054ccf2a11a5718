import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { and, asc, eq, gt, gte, isNull, lt, max, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { intervals, projectedOpeningColumns, openings } from '../db/schema.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';
import type {
  OpeningFilter,
  OpeningReader,
  OpeningScopeColumn,
  OpeningSortKey,
} from './opening-repository.js';

const listed = alias(openings, 'listed');

/** Creates the {@link OpeningReader} over the `openings` and `intervals` tables. */
export const createSqliteOpeningReader = (db: ReportsDrizzle): OpeningReader => ({
  ...createSqliteListRepository<
    OpeningScopeColumn,
    'name',
    OpeningFilter,
    ProjectedOpeningState,
    ProjectedOpeningState,
    OpeningSortKey
  >(db, {
    table: openings,
    listed,
    columns: projectedOpeningColumns,
    sortColumns: ['name'],
    buildConditions: (scopeColumns) =>
      scopeColumns.map((column) => eq(listed[column], buildScopeValueSql(column))),
    toItem: (opening) => ({ node: opening, sortKey: [opening.name] }),
  }),

  findByUserIds: (userIds, limit) =>
    runAsPromise(() => {
      const found = db
        .select(projectedOpeningColumns)
        .from(openings)
        .where(buildIsOneOfSql(openings.userId, userIds))
        .orderBy(asc(openings.userId), asc(openings.name))
        .limit(limit)
        .all();
      const openingsByUser = new Map(userIds.map((userId) => [userId, [] as ProjectedOpeningState[]]));
      for (const opening of found) openingsByUser.get(opening.userId)?.push(opening);
      return openingsByUser;
    }),

  findIntervals: ({ userId, opening, from, to, after, limit }) =>
    runAsPromise(() => {
      const openingId = db
        .select({ id: openings.id })
        .from(openings)
        .where(and(eq(openings.userId, userId), eq(openings.name, opening)));
      const isOfOpening = eq(intervals.openingId, sql`(${openingId})`);
      // Intervals do not overlap: of those that start before `from`, only the last can reach into the period.
      const lastStartBefore = db
        .select({ startedAt: max(intervals.startedAt) })
        .from(intervals)
        .where(and(isOfOpening, lt(intervals.startedAt, from)));
      return db
        .select({
          startId: intervals.startId,
          startedAt: sql<string>`${intervals.startedAt}`,
          endedAt: intervals.endedAt,
        })
        .from(intervals)
        .where(
          and(
            isOfOpening,
            after === undefined
              ? gte(intervals.startedAt, sql`coalesce((${lastStartBefore}), ${from})`)
              : gt(intervals.startedAt, after),
            lt(intervals.startedAt, to),
            or(isNull(intervals.endedAt), gt(intervals.endedAt, from), gte(intervals.startedAt, from)),
          ),
        )
        .orderBy(asc(intervals.startedAt))
        .limit(limit)
        .all();
    }),
});
