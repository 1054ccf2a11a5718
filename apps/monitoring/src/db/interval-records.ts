import type { OpenInterval } from '@seguridad-abc/evaluation';
import { and, asc, between, desc, eq, gte, lt, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { placeholders } from './prepared.js';
import { intervals, readings } from './schema.js';

/** Intervals; to be used inside a transaction. */
export function createIntervalRecords(db: Db) {
  const columns = {
    startId: intervals.startId,
    startedAt: intervals.startedAt,
    endedAt: intervals.endedAt,
  };
  const ofOpening = eq(intervals.openingId, sql.placeholder('openingId'));
  const before = db
    .select(columns)
    .from(intervals)
    .where(and(ofOpening, lt(intervals.startedAt, sql.placeholder('at'))))
    .orderBy(desc(intervals.startedAt))
    .limit(1)
    .prepare();
  const within = db
    .select(columns)
    .from(intervals)
    .where(and(ofOpening, between(intervals.startedAt, sql.placeholder('from'), sql.placeholder('until'))))
    .orderBy(asc(intervals.startedAt))
    .prepare();
  const from = db
    .select(columns)
    .from(intervals)
    .where(and(ofOpening, gte(intervals.startedAt, sql.placeholder('from'))))
    .orderBy(asc(intervals.startedAt))
    .limit(sql.placeholder('limit'))
    .prepare();
  const put = db
    .insert(intervals)
    .values(placeholders(intervals))
    .onConflictDoUpdate({
      target: [intervals.openingId, intervals.startedAt],
      set: { endedAt: sql`excluded.ended_at` },
    })
    .prepare();
  const remove = db
    .delete(intervals)
    .where(
      and(
        ofOpening,
        eq(
          intervals.startedAt,
          db
            .select({ at: readings.at })
            .from(readings)
            .where(
              and(
                eq(readings.openingId, sql.placeholder('openingId')),
                eq(readings.id, sql.placeholder('startId')),
              ),
            ),
        ),
      ),
    )
    .prepare();

  return {
    /** The one that starts last before an instant. */
    before: (openingId: number, at: number): OpenInterval | undefined => before.get({ openingId, at }),
    /** Those that start within two instants, both included, in order. */
    between: (openingId: number, from: number, until: number): OpenInterval[] =>
      within.all({ openingId, from, until }),
    /** Those that start at or after an instant, in order. */
    from: (openingId: number, at: number, limit: number): OpenInterval[] =>
      from.all({ openingId, from: at, limit }),
    put(openingId: number, interval: OpenInterval): void {
      put.run({ openingId, ...interval });
    },
    remove(openingId: number, startId: string): void {
      remove.run({ openingId, startId });
    },
  };
}
