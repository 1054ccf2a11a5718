import type { OpeningState } from '@seguridad-abc/contracts';
import type { OpeningInterval, SensorReading } from '@seguridad-abc/evaluation';
import { and, asc, between, count, desc, eq, gte, lt, lte, min, notInArray, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit } from '../db/prepared-columns.js';
import { intervals, openings, readings, unevaluatedIntervals } from '../db/schema.js';

export type OpeningTableAccess = ReturnType<typeof createOpeningTableAccess>;
export type OpeningRecord = typeof openings.$inferSelect;

/**
 * The tables of openings, their readings and their intervals. Every call is synchronous and belongs inside a transaction.
 * @param onDue is called with the instant at which an early reading takes effect
 */
export const createOpeningTableAccess = (db: MonitoringDrizzle, onDue: (at: number) => void) => ({
  openings: createOpeningTable(db),
  readings: createReadingTable(db, onDue),
  intervals: createIntervalTable(db),
  unevaluated: createUnevaluatedIntervalTable(db),
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
    .set({ state: sql`${sql.placeholder('state')}`, since: sql`${sql.placeholder('since')}` })
    .where(eq(openings.id, sql.placeholder('id')))
    .prepare();

  return {
    findOrCreate: (userId: string, name: string): OpeningRecord =>
      byName.get({ userId, name }) ?? insert.get({ userId, name }),
    findByName: (userId: string, name: string): OpeningRecord | undefined => byName.get({ userId, name }),
    findById: (id: number): OpeningRecord | undefined => byId.get({ id }),
    countOfUser: (userId: string): number => ofUser.get({ userId })?.count ?? 0,
    setState(id: number, { state, since }: Pick<OpeningRecord, 'state' | 'since'>): void {
      update.run({ id, state, since });
    },
  };
}

function createReadingTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const insert = db
    .insert(readings)
    .values(createColumnPlaceholders(readings))
    .onConflictDoNothing()
    .prepare();
  const first = db
    .select({ id: readings.id, at: readings.at })
    .from(readings)
    .where(
      and(
        eq(readings.openingId, sql.placeholder('openingId')),
        eq(readings.open, sql.placeholder('open')),
        gte(readings.at, sql.placeholder('from')),
        eq(readings.effective, true),
      ),
    )
    .orderBy(asc(readings.at), asc(readings.id))
    .limit(createPreparedLimit(1))
    .prepare();
  const isEarly = sql`not ${readings.effective}`;
  const early = db
    .select()
    .from(readings)
    .where(and(isEarly, lte(readings.at, sql.placeholder('at'))))
    .orderBy(asc(readings.at))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const nextEarly = db
    .select({ at: min(readings.at) })
    .from(readings)
    .where(isEarly)
    .prepare();
  const setEffective = db
    .update(readings)
    .set({ effective: true })
    .where(
      and(
        eq(readings.openingId, sql.placeholder('openingId')),
        eq(readings.open, sql.placeholder('open')),
        eq(readings.at, sql.placeholder('at')),
        eq(readings.id, sql.placeholder('id')),
      ),
    )
    .prepare();

  return {
    /** @returns false if the opening already has a reading of this id */
    insert(openingId: number, { id, state, at }: SensorReading, effective: boolean): boolean {
      const { changes } = insert.run({ openingId, id, open: toBit(state === 'OPEN'), at, effective });
      if (changes > 0 && !effective) onDue(at);
      return changes > 0;
    },

    /** The first effective reading of a state at or after an instant. */
    findFirst(openingId: number, state: OpeningState, from: number): SensorReading | undefined {
      const found = first.get({ openingId, open: toBit(state === 'OPEN'), from });
      return found && { ...found, state };
    },

    /** Returns when the first early reading takes effect, or `undefined` without early readings. */
    getNextEarlyAt: (): number | undefined => nextEarly.get()?.at ?? undefined,

    /** Makes early readings effective whose instant is reached, the earliest first. @returns them by opening id */
    makeEffective(
      until: number,
      limit: number,
      weigh: (openingId: number) => number,
    ): Map<number, SensorReading[]> {
      const byOpening = new Map<number, SensorReading[]>();
      let weight = 0;
      for (const row of early.all({ at: until, limit })) {
        if (weight >= limit) break;
        weight += weigh(row.openingId);
        setEffective.run({ ...row, open: toBit(row.open) });
        const { openingId, id, open, at } = row;
        const ofOpening = byOpening.get(openingId) ?? [];
        ofOpening.push({ id, state: open ? 'OPEN' : 'CLOSED', at });
        byOpening.set(openingId, ofOpening);
      }
      return byOpening;
    },
  };
}

/** Drizzle converts booleans in `values`, but not in the placeholders of `where`. */
const toBit = (value: boolean) => (value ? 1 : 0);

function createIntervalTable(db: MonitoringDrizzle) {
  const columns = {
    startId: intervals.startId,
    startedAt: intervals.startedAt,
    endedAt: intervals.endedAt,
  };
  const isOfOpening = eq(intervals.openingId, sql.placeholder('openingId'));
  const lastBefore = db
    .select(columns)
    .from(intervals)
    .where(and(isOfOpening, lt(intervals.startedAt, sql.placeholder('at'))))
    .orderBy(desc(intervals.startedAt))
    .limit(createPreparedLimit(1))
    .prepare();
  const startedAtInstant = db
    .select(columns)
    .from(intervals)
    .where(and(isOfOpening, eq(intervals.startedAt, sql.placeholder('startedAt'))))
    .prepare();
  const startedBetween = db
    .select(columns)
    .from(intervals)
    .where(and(isOfOpening, between(intervals.startedAt, sql.placeholder('from'), sql.placeholder('until'))))
    .orderBy(asc(intervals.startedAt))
    .prepare();
  const startedFrom = db
    .select(columns)
    .from(intervals)
    .where(and(isOfOpening, gte(intervals.startedAt, sql.placeholder('from'))))
    .orderBy(asc(intervals.startedAt))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const upsert = db
    .insert(intervals)
    .values(createColumnPlaceholders(intervals))
    .onConflictDoUpdate({
      target: [intervals.openingId, intervals.startedAt],
      set: { endedAt: sql`excluded.ended_at` },
    })
    .prepare();
  const remove = db
    .delete(intervals)
    .where(and(isOfOpening, eq(intervals.startedAt, sql.placeholder('startedAt'))))
    .prepare();

  return {
    /** The interval that starts last before an instant. */
    findLastBefore: (openingId: number, at: number): OpeningInterval | undefined =>
      lastBefore.get({ openingId, at }),
    /** The intervals that start in `[from, until]`, in order. */
    findBetween: (openingId: number, from: number, until: number): OpeningInterval[] =>
      startedBetween.all({ openingId, from, until }),
    /** The first intervals that start at or after an instant, in order. */
    findFrom: (openingId: number, from: number, limit: number): OpeningInterval[] =>
      startedFrom.all({ openingId, from, limit }),
    upsert(openingId: number, interval: OpeningInterval): void {
      upsert.run({ openingId, ...interval });
    },
    /** The interval that starts at an instant. */
    findAt: (openingId: number, startedAt: number): OpeningInterval | undefined =>
      startedAtInstant.get({ openingId, startedAt }),
    remove(openingId: number, startedAt: number): void {
      remove.run({ openingId, startedAt });
    },
  };
}

/** The intervals that have changed and are not evaluated yet. */
function createUnevaluatedIntervalTable(db: MonitoringDrizzle) {
  const isOfOpening = eq(unevaluatedIntervals.openingId, sql.placeholder('openingId'));
  const insert = db
    .insert(unevaluatedIntervals)
    .values(createColumnPlaceholders(unevaluatedIntervals))
    .onConflictDoNothing()
    .prepare();
  const remove = db
    .delete(unevaluatedIntervals)
    .where(and(isOfOpening, eq(unevaluatedIntervals.startId, sql.placeholder('startId'))))
    .prepare();
  const removeByOpening = db.delete(unevaluatedIntervals).where(isOfOpening).prepare();
  const ofOpening = db
    .select({ startId: unevaluatedIntervals.startId, startedAt: unevaluatedIntervals.startedAt })
    .from(unevaluatedIntervals)
    .where(isOfOpening)
    .prepare();

  return {
    add(openingId: number, { startId, startedAt }: Pick<OpeningInterval, 'startId' | 'startedAt'>): void {
      insert.run({ openingId, startId, startedAt });
    },
    remove(openingId: number, startId: string): void {
      remove.run({ openingId, startId });
    },
    removeByOpening(openingId: number): void {
      removeByOpening.run({ openingId });
    },
    listByOpening: (openingId: number): Pick<OpeningInterval, 'startId' | 'startedAt'>[] =>
      ofOpening.all({ openingId }),
    /** Finds an opening with such intervals. @param except openings that are left out */
    findOpening: (except: readonly number[]): number | undefined =>
      db
        .select({ openingId: unevaluatedIntervals.openingId })
        .from(unevaluatedIntervals)
        .where(notInArray(unevaluatedIntervals.openingId, [...except]))
        .limit(createPreparedLimit(1))
        .get()?.openingId,
  };
}
