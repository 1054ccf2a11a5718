import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { and, asc, eq, gt, gte, isNull, lt, max, or, sql } from 'drizzle-orm';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { intervals, projectedOpeningColumns, openings } from '../db/schema.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';
import type { OpeningReader } from './opening-repository.js';

/** Creates the {@link OpeningReader} over the `openings` and `intervals` tables. */
export const createSqliteOpeningReader = (db: ReportsDrizzle): OpeningReader => ({
  findByUserIds: (userIds) =>
    runAsPromise(() => {
      const found = db
        .select(projectedOpeningColumns)
        .from(openings)
        .where(buildIsOneOfSql(openings.userId, userIds))
        .orderBy(asc(openings.userId), asc(openings.name))
        .all();
      const openingsByUser = new Map(userIds.map((userId) => [userId, [] as ProjectedOpeningState[]]));
      for (const opening of found) openingsByUser.get(opening.userId)?.push(opening);
      return openingsByUser;
    }),

  findIntervals: (userId, opening, from, to) =>
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
            gte(intervals.startedAt, sql`coalesce((${lastStartBefore}), ${from})`),
            lt(intervals.startedAt, to),
            or(isNull(intervals.endedAt), gt(intervals.endedAt, from), gte(intervals.startedAt, from)),
          ),
        )
        .orderBy(asc(intervals.startedAt))
        .all();
    }),
});
