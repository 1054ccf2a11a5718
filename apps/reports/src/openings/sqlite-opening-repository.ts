import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { and, asc, eq, gt, gte, isNull, lt, lte, max, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { heardInstants, intervals, projectedOpeningColumns, openings } from '../db/schema.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';
import type {
  OpeningFilter,
  OpeningKey,
  OpeningReader,
  OpeningScopeColumn,
  OpeningSortKey,
} from './opening-repository.js';

const listed = alias(openings, 'listed');

/** Creates the {@link OpeningReader} over the `openings`, `intervals` and `heard_instants` tables. */
export function createSqliteOpeningReader(db: ReportsDrizzle): OpeningReader {
  /** SQL for the number of an opening. */
  const selectOpeningId = ({ userId, opening }: OpeningKey) =>
    sql`(${db
      .select({ id: openings.id })
      .from(openings)
      .where(and(eq(openings.userId, userId), eq(openings.name, opening)))})`;

  return {
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

    findIntervals: ({ signal, from, to, after, limit, ...opening }) =>
      runAsPromise(() => {
        const isOfOpening = and(
          eq(intervals.openingId, selectOpeningId(opening)),
          eq(intervals.signal, signal),
        );
        // Intervals of a signal do not overlap: of those that start before `from`, only the last can reach into the period.
        const lastStartBefore = db
          .select({ startedAt: max(intervals.startedAt) })
          .from(intervals)
          .where(and(isOfOpening, lt(intervals.startedAt, from)));
        return db
          .select({
            signal: intervals.signal,
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

    findHeardInstants: ({ from, to, after, limit, ...opening }) =>
      runAsPromise(() => {
        const isOfOpening = and(
          eq(heardInstants.openingId, selectOpeningId(opening)),
          eq(heardInstants.isHeard, true),
        );
        const lastBefore = db
          .select({ at: max(heardInstants.at) })
          .from(heardInstants)
          .where(and(isOfOpening, lte(heardInstants.at, from)));
        return db
          .select({ at: heardInstants.at })
          .from(heardInstants)
          .where(
            and(
              isOfOpening,
              after === undefined
                ? gte(heardInstants.at, sql`coalesce((${lastBefore}), ${from})`)
                : gt(heardInstants.at, after),
              lte(heardInstants.at, to),
            ),
          )
          .orderBy(asc(heardInstants.at))
          .limit(limit)
          .all()
          .map(({ at }) => at);
      }),

    findLastHeardInstants: (keys, until) =>
      runAsPromise(() => {
        const lastHeard = db
          .select({ at: max(heardInstants.at) })
          .from(heardInstants)
          .where(
            and(
              eq(heardInstants.openingId, openings.id),
              eq(heardInstants.isHeard, true),
              lte(heardInstants.at, until),
            ),
          );
        const wanted = JSON.stringify(keys.map(({ userId, opening }) => [userId, opening]));
        const found = db
          .select({ key: sql<number>`wanted.key`, at: sql<number | null>`(${lastHeard})` })
          .from(sql`json_each(${wanted}) as wanted`)
          .innerJoin(
            openings,
            and(eq(openings.userId, sql`wanted.value ->> 0`), eq(openings.name, sql`wanted.value ->> 1`)),
          )
          .all();
        const instants = keys.map((): number | null => null);
        for (const { key, at } of found) instants[key] = at;
        return instants;
      }),
  };
}
