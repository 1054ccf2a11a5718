import type { Signal } from '@seguridad-abc/contracts';
import type { SignalInterval } from '@seguridad-abc/evaluation';
import { and, asc, count, desc, eq, gte, lt, max, sql } from 'drizzle-orm';
import { prepareBatchInsert } from '../db/batch-insert.js';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables, type MonitoringTables } from '../db/schema.js';
import { groupBy } from './group-by.js';
import { createReadingTable } from './reading-table.js';

export type OpeningTableAccess = ReturnType<typeof createOpeningTableAccess>;
export type OpeningRecord = MonitoringTables['openings']['$inferSelect'];
/** The present values of an opening's signals. */
export type PresentState = Pick<OpeningRecord, 'state' | 'since' | 'tampered' | 'batteryLow'>;

/**
 * The tables of openings, their readings and their intervals. Writes belong inside a transaction.
 * @param onDue is called with the instant at which an early reading takes effect
 */
export const createOpeningTableAccess = (db: MonitoringDrizzle, onDue: (at: number) => void) => ({
  openings: createOpeningTable(db),
  readings: createReadingTable(db, onDue),
  intervals: createIntervalTable(db),
  unevaluated: createUnevaluatedEpisodeTable(db),
});

function createOpeningTable(db: MonitoringDrizzle) {
  const { openings } = getTables(db);
  const isOfUser = eq(openings.userId, sql.placeholder('userId'));
  const isOpening = eq(openings.id, sql.placeholder('id'));
  const byName = prepare(
    db,
    db
      .select()
      .from(openings)
      .where(and(isOfUser, eq(openings.name, sql.placeholder('name')))),
  );
  const byId = prepare(db, db.select().from(openings).where(isOpening));
  const insert = prepare(
    db,
    db
      .insert(openings)
      .values({ userId: sql.placeholder('userId'), name: sql.placeholder('name') })
      .returning(),
  );
  const isNamed = getDialect(db).isInJson(openings.name, sql.placeholder('names'));
  const knownNames = prepare(
    db,
    db.select({ name: openings.name }).from(openings).where(and(isOfUser, isNamed)),
  );
  const ofUser = prepare(db, db.select({ count: count() }).from(openings).where(isOfUser));
  const toValue = (column: 'state' | 'since' | 'tampered' | 'batteryLow') =>
    sql`${sql.param(sql.placeholder(column), openings[column])}`;
  const update = prepare(
    db,
    db
      .update(openings)
      .set({
        state: toValue('state'),
        since: toValue('since'),
        tampered: toValue('tampered'),
        batteryLow: toValue('batteryLow'),
      })
      .where(isOpening),
  );

  return {
    async findOrCreate(userId: string, name: string): Promise<OpeningRecord> {
      const found = (await byName.get({ userId, name })) ?? (await insert.get({ userId, name }));
      if (!found) throw new Error('An insert returned no row.');
      return found;
    },
    /** Registers those of a user's openings that are not registered yet. @param names different names */
    async createMissing(userId: string, names: readonly string[]): Promise<void> {
      const known = await knownNames.all({ userId, names: JSON.stringify(names) });
      const missing = new Set(names);
      for (const { name } of known) missing.delete(name);
      if (missing.size > 0) await db.insert(openings).values([...missing].map((name) => ({ userId, name })));
    },
    /** The number of some names that are those of a user's openings. */
    countNames: async (userId: string, names: readonly string[]): Promise<number> =>
      (await knownNames.all({ userId, names: JSON.stringify(names) })).length,
    findByName: (userId: string, name: string): Promise<OpeningRecord | undefined> =>
      byName.get({ userId, name }),
    findById: (id: number): Promise<OpeningRecord | undefined> => byId.get({ id }),
    countOfUser: async (userId: string): Promise<number> => (await ofUser.get({ userId }))?.count ?? 0,
    setState: (id: number, { state, since, tampered, batteryLow }: PresentState): Promise<void> =>
      update.run({ id, state, since, tampered, batteryLow }),
  };
}

function createIntervalTable(db: MonitoringDrizzle) {
  const { intervals } = getTables(db);
  const columns = {
    startId: intervals.startId,
    startedAt: intervals.startedAt,
    endedAt: intervals.endedAt,
  };
  const isOfSignal = and(
    eq(intervals.openingId, sql.placeholder('openingId')),
    eq(intervals.signal, sql.placeholder('signal')),
  );
  const isRow = and(isOfSignal, eq(intervals.startedAt, sql.placeholder('startedAt')));
  const lastBefore = prepare(
    db,
    db
      .select(columns)
      .from(intervals)
      .where(and(isOfSignal, lt(intervals.startedAt, sql.placeholder('at'))))
      .orderBy(desc(intervals.startedAt))
      .limit(createPreparedLimit(1)),
  );
  const isStart = getDialect(db).isInJson(intervals.startedAt, sql.placeholder('starts'));
  const ofStarts = prepare(db, db.select(columns).from(intervals).where(and(isOfSignal, isStart)));
  const startedFrom = prepare(
    db,
    db
      .select(columns)
      .from(intervals)
      .where(and(isOfSignal, gte(intervals.startedAt, sql.placeholder('from'))))
      .orderBy(asc(intervals.startedAt))
      .limit(createPreparedLimit(sql.placeholder('limit'))),
  );
  const startBefore = db
    .select({ startedAt: max(intervals.startedAt) })
    .from(intervals)
    .where(and(isOfSignal, lt(intervals.startedAt, sql.placeholder('at'))));
  const around = prepare(
    db,
    db
      .select(columns)
      .from(intervals)
      .where(
        and(isOfSignal, gte(intervals.startedAt, sql`coalesce((${startBefore}), ${sql.placeholder('at')})`)),
      )
      .orderBy(asc(intervals.startedAt))
      .limit(createPreparedLimit(sql.placeholder('limit'))),
  );
  const upsert = prepareBatchInsert(db, intervals, (insert) =>
    insert.onConflictDoUpdate({
      target: [intervals.openingId, intervals.signal, intervals.startedAt],
      set: { endedAt: sql`excluded.ended_at` },
    }),
  );
  const remove = prepare(db, db.delete(intervals).where(isRow));

  return {
    /** The interval that starts last before an instant. */
    findLastBefore: (openingId: number, signal: Signal, at: number): Promise<SignalInterval | undefined> =>
      lastBefore.get({ openingId, signal, at }),
    /** The first intervals that start at or after an instant, in order. */
    findFrom: (openingId: number, signal: Signal, from: number, limit: number): Promise<SignalInterval[]> =>
      startedFrom.all({ openingId, signal, from, limit }),
    /** The interval that starts last before an instant, if there is one, and the first that start from it on: `limit + 1` in all. */
    findAround: (openingId: number, signal: Signal, at: number, limit: number): Promise<SignalInterval[]> =>
      around.all({ openingId, signal, at, limit: limit + 1 }),
    /** @param changed intervals with different starts */
    upsert: (openingId: number, signal: Signal, changed: readonly SignalInterval[]): Promise<void> =>
      upsert.run(
        changed.map(({ startId, startedAt, endedAt }) => ({
          openingId,
          signal,
          startId,
          startedAt,
          endedAt,
        })),
      ),
    /** The intervals that start at some instants. */
    findByStarts: (openingId: number, signal: Signal, starts: readonly number[]): Promise<SignalInterval[]> =>
      ofStarts.all({ openingId, signal, starts: JSON.stringify(starts) }),
    remove: (openingId: number, signal: Signal, startedAt: number): Promise<void> =>
      remove.run({ openingId, signal, startedAt }),
  };
}

/** A limit that no table reaches. PostgreSQL takes limits of 32 bits. */
const ALL_ROWS = 2_147_483_647;

/** An episode that has changed and is not evaluated yet. */
export type UnevaluatedEpisode = Omit<MonitoringTables['unevaluatedEpisodes']['$inferSelect'], 'openingId'>;

/** The episodes that have changed and are not evaluated yet. */
function createUnevaluatedEpisodeTable(db: MonitoringDrizzle) {
  const { unevaluatedEpisodes } = getTables(db);
  const { openingId, subject, startKey, startedAt, until } = unevaluatedEpisodes;
  const dialect = getDialect(db);
  const isOfOpening = eq(openingId, sql.placeholder('openingId'));
  const upsert = prepareBatchInsert(db, unevaluatedEpisodes, (insert) =>
    insert.onConflictDoUpdate({
      target: [openingId, subject, startKey],
      set: {
        startedAt: dialect.least(startedAt, sql`excluded.started_at`),
        until: dialect.greatest(until, sql`excluded.until`),
      },
    }),
  );
  const remove = prepare(
    db,
    db
      .delete(unevaluatedEpisodes)
      .where(
        and(
          isOfOpening,
          eq(subject, sql.placeholder('subject')),
          dialect.isInJson(startKey, sql.placeholder('startKeys')),
        ),
      ),
  );
  const removeByOpening = prepare(db, db.delete(unevaluatedEpisodes).where(isOfOpening));
  const ofOpening = prepare(
    db,
    db
      .select({ subject, startKey, startedAt, until })
      .from(unevaluatedEpisodes)
      .where(isOfOpening)
      .limit(createPreparedLimit(sql.placeholder('limit'))),
  );

  return {
    /** Adds different episodes. A span of late openings that is there already is extended. */
    async add(id: number, ...episodes: readonly UnevaluatedEpisode[]): Promise<void> {
      await upsert.run(
        episodes.map((one) => ({
          openingId: id,
          subject: one.subject,
          startKey: one.startKey,
          startedAt: one.startedAt,
          until: one.until,
        })),
      );
    },
    async remove(
      id: number,
      ...episodes: readonly Pick<UnevaluatedEpisode, 'subject' | 'startKey'>[]
    ): Promise<void> {
      for (const [ofSubject, some] of groupBy(episodes, (one) => one.subject)) {
        const startKeys = JSON.stringify(some.map((one) => one.startKey));
        await remove.run({ openingId: id, subject: ofSubject, startKeys });
      }
    },
    removeByOpening: (id: number): Promise<void> => removeByOpening.run({ openingId: id }),
    listByOpening: (id: number, limit = ALL_ROWS): Promise<UnevaluatedEpisode[]> =>
      ofOpening.all({ openingId: id, limit }),
  };
}
