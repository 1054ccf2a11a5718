import { and, asc, eq, gt, gte, isNull, lt, max, or, sql } from 'drizzle-orm';
import type { ProjectedOpening } from '../domain/things.js';
import type { OpeningReader } from '../queries/opening-reader.js';
import { inList } from './in-list.js';
import type { Db } from './open.js';
import { fromOpeningRow } from './opening-row.js';
import { promised } from './promised.js';
import { intervals, openings, users } from './schema.js';

export const createOpeningReader = (db: Db): OpeningReader => ({
  knownUsers: (ids) =>
    promised(() => {
      const rows = db.select().from(users).where(inList(users.id, ids)).all();
      return new Map(rows.map(({ id }) => [id, id]));
    }),

  ofUsers: (userIds) =>
    promised(() => {
      const rows = db
        .select()
        .from(openings)
        .where(inList(openings.userId, userIds))
        .orderBy(asc(openings.userId), asc(openings.name))
        .all();
      const found = new Map(userIds.map((userId) => [userId, [] as ProjectedOpening[]]));
      for (const row of rows) found.get(row.userId)?.push(fromOpeningRow(row));
      return found;
    }),

  intervals: (userId, opening, from, to) =>
    promised(() => {
      const openingId = db
        .select({ id: openings.id })
        .from(openings)
        .where(and(eq(openings.userId, userId), eq(openings.name, opening)));
      const isOfOpening = eq(intervals.openingId, sql`(${openingId})`);
      // Intervals do not overlap: of those that start before, the last alone can reach into the time that is asked for.
      const lastBefore = db
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
            gte(intervals.startedAt, sql`coalesce((${lastBefore}), ${from})`),
            lt(intervals.startedAt, to),
            or(isNull(intervals.endedAt), gt(intervals.endedAt, from), gte(intervals.startedAt, from)),
          ),
        )
        .orderBy(asc(intervals.startedAt))
        .all();
    }),
});
