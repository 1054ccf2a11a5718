import type { Signal } from '@seguridad-abc/contracts';
import type { SignalInterval } from '@seguridad-abc/evaluation';
import { and, asc, between, count, desc, eq, gte, lt, notInArray, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit } from '../db/prepared-columns.js';
import { intervals, openings, unevaluatedEpisodes } from '../db/schema.js';
import { createReadingTable } from './reading-table.js';

export type OpeningTableAccess = ReturnType<typeof createOpeningTableAccess>;
export type OpeningRecord = typeof openings.$inferSelect;
/** The present values of an opening's signals. */
export type PresentState = Pick<OpeningRecord, 'state' | 'since' | 'tampered' | 'batteryLow'>;

/**
 * The tables of openings, their readings and their intervals. Every call is synchronous and belongs inside a transaction.
 * @param onDue is called with the instant at which an early reading takes effect
 */
export const createOpeningTableAccess = (db: MonitoringDrizzle, onDue: (at: number) => void) => ({
  openings: createOpeningTable(db),
  readings: createReadingTable(db, onDue),
  intervals: createIntervalTable(db),
  unevaluated: createUnevaluatedEpisodeTable(db),
});

function createOpeningTable(db: MonitoringDrizzle) {
  const byName = db
    .select()
    .from(openings)
    .where(and(eq(openings.userId, sql.placeholder('userId')), eq(openings.name, sql.placeholder('name'))))
    .prepare();
  const byId = db
    .select()
    .from(openings)
    .where(eq(openings.id, sql.placeholder('id')))
    .prepare();
  const insert = db
    .insert(openings)
    .values({ userId: sql.placeholder('userId'), name: sql.placeholder('name') })
    .returning()
    .prepare();
  const ofUser = db
    .select({ count: count() })
    .from(openings)
    .where(eq(openings.userId, sql.placeholder('userId')))
    .prepare();
  const update = db
    .update(openings)
    .set({
      state: sql`${sql.placeholder('state')}`,
      since: sql`${sql.placeholder('since')}`,
      tampered: sql`${sql.placeholder('tampered')}`,
      batteryLow: sql`${sql.placeholder('batteryLow')}`,
    })
    .where(eq(openings.id, sql.placeholder('id')))
    .prepare();

  return {
    findOrCreate: (userId: string, name: string): OpeningRecord =>
      byName.get({ userId, name }) ?? insert.get({ userId, name }),
    findByName: (userId: string, name: string): OpeningRecord | undefined => byName.get({ userId, name }),
    findById: (id: number): OpeningRecord | undefined => byId.get({ id }),
    countOfUser: (userId: string): number => ofUser.get({ userId })?.count ?? 0,
    setState(id: number, { state, since, tampered, batteryLow }: PresentState): void {
      update.run({ id, state, since, tampered: toBit(tampered), batteryLow: toBit(batteryLow) });
    },
  };
}

/** Drizzle converts booleans in `values`, but not in other placeholders. */
const toBit = (value: boolean | null) => (value === null ? null : Number(value));

function createIntervalTable(db: MonitoringDrizzle) {
  const columns = {
    startId: intervals.startId,
    startedAt: intervals.startedAt,
    endedAt: intervals.endedAt,
  };
  const isOfSignal = and(
    eq(intervals.openingId, sql.placeholder('openingId')),
    eq(intervals.signal, sql.placeholder('signal')),
  );
  const lastBefore = db
    .select(columns)
    .from(intervals)
    .where(and(isOfSignal, lt(intervals.startedAt, sql.placeholder('at'))))
    .orderBy(desc(intervals.startedAt))
    .limit(createPreparedLimit(1))
    .prepare();
  const startedAtInstant = db
    .select(columns)
    .from(intervals)
    .where(and(isOfSignal, eq(intervals.startedAt, sql.placeholder('startedAt'))))
    .prepare();
  const startedBetween = db
    .select(columns)
    .from(intervals)
    .where(and(isOfSignal, between(intervals.startedAt, sql.placeholder('from'), sql.placeholder('until'))))
    .orderBy(asc(intervals.startedAt))
    .prepare();
  const startedFrom = db
    .select(columns)
    .from(intervals)
    .where(and(isOfSignal, gte(intervals.startedAt, sql.placeholder('from'))))
    .orderBy(asc(intervals.startedAt))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const upsert = db
    .insert(intervals)
    .values(createColumnPlaceholders(intervals))
    .onConflictDoUpdate({
      target: [intervals.openingId, intervals.signal, intervals.startedAt],
      set: { endedAt: sql`excluded.ended_at` },
    })
    .prepare();
  const remove = db
    .delete(intervals)
    .where(and(isOfSignal, eq(intervals.startedAt, sql.placeholder('startedAt'))))
    .prepare();

  return {
    /** The interval that starts last before an instant. */
    findLastBefore: (openingId: number, signal: Signal, at: number): SignalInterval | undefined =>
      lastBefore.get({ openingId, signal, at }),
    /** The intervals that start in `[from, until]`, in order. */
    findBetween: (openingId: number, signal: Signal, from: number, until: number): SignalInterval[] =>
      startedBetween.all({ openingId, signal, from, until }),
    /** The first intervals that start at or after an instant, in order. */
    findFrom: (openingId: number, signal: Signal, from: number, limit: number): SignalInterval[] =>
      startedFrom.all({ openingId, signal, from, limit }),
    upsert(openingId: number, signal: Signal, interval: SignalInterval): void {
      upsert.run({ openingId, signal, ...interval });
    },
    /** The interval that starts at an instant. */
    findAt: (openingId: number, signal: Signal, startedAt: number): SignalInterval | undefined =>
      startedAtInstant.get({ openingId, signal, startedAt }),
    remove(openingId: number, signal: Signal, startedAt: number): void {
      remove.run({ openingId, signal, startedAt });
    },
  };
}

/** An episode that has changed and is not evaluated yet. */
export type UnevaluatedEpisode = Omit<typeof unevaluatedEpisodes.$inferSelect, 'openingId'>;

/** The episodes that have changed and are not evaluated yet. */
function createUnevaluatedEpisodeTable(db: MonitoringDrizzle) {
  const isOfOpening = eq(unevaluatedEpisodes.openingId, sql.placeholder('openingId'));
  const upsert = db
    .insert(unevaluatedEpisodes)
    .values(createColumnPlaceholders(unevaluatedEpisodes))
    .onConflictDoUpdate({
      target: [unevaluatedEpisodes.openingId, unevaluatedEpisodes.subject, unevaluatedEpisodes.startKey],
      set: {
        startedAt: sql`min(${unevaluatedEpisodes.startedAt}, excluded.started_at)`,
        until: sql`max(${unevaluatedEpisodes.until}, excluded.until)`,
      },
    })
    .prepare();
  const remove = db
    .delete(unevaluatedEpisodes)
    .where(
      and(
        isOfOpening,
        eq(unevaluatedEpisodes.subject, sql.placeholder('subject')),
        eq(unevaluatedEpisodes.startKey, sql.placeholder('startKey')),
      ),
    )
    .prepare();
  const removeByOpening = db.delete(unevaluatedEpisodes).where(isOfOpening).prepare();
  const ofOpening = db
    .select({
      subject: unevaluatedEpisodes.subject,
      startKey: unevaluatedEpisodes.startKey,
      startedAt: unevaluatedEpisodes.startedAt,
      until: unevaluatedEpisodes.until,
    })
    .from(unevaluatedEpisodes)
    .where(isOfOpening)
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();

  return {
    /** Adds an episode. A span of late openings that is there already is extended. */
    add(openingId: number, { subject, startKey, startedAt, until }: UnevaluatedEpisode): void {
      upsert.run({ openingId, subject, startKey, startedAt, until });
    },
    remove(openingId: number, { subject, startKey }: Pick<UnevaluatedEpisode, 'subject' | 'startKey'>): void {
      remove.run({ openingId, subject, startKey });
    },
    removeByOpening(openingId: number): void {
      removeByOpening.run({ openingId });
    },
    listByOpening: (openingId: number, limit = Number.MAX_SAFE_INTEGER): UnevaluatedEpisode[] =>
      ofOpening.all({ openingId, limit }),
    /** Finds an opening with such episodes. @param except openings that are left out */
    findOpening: (except: readonly number[]): number | undefined =>
      db
        .select({ openingId: unevaluatedEpisodes.openingId })
        .from(unevaluatedEpisodes)
        .where(notInArray(unevaluatedEpisodes.openingId, [...except]))
        .limit(createPreparedLimit(1))
        .get()?.openingId,
  };
}
