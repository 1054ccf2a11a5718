import { formatInstant, type OpeningChange, type OpeningState } from '@seguridad-abc/contracts';
import {
  applyReadings,
  type IntervalChanges,
  type SensorReading,
  type OpeningInterval,
} from '@seguridad-abc/evaluation';
import { and, asc, between, desc, eq, gte, lt, lte, min, sql } from 'drizzle-orm';
import type { GroupCommit } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent } from '../db/outbox.js';
import { createColumnPlaceholders } from '../db/prepared-columns.js';
import { intervals, openings, readings } from '../db/schema.js';
import type { EventCause } from '../domain/decision.js';
import type { ReadingRepository } from './reading-commands.js';

/** Evaluates the intervals of an opening that changed, inside the transaction that saves them. */
export type EvaluateChanges = (opening: OpeningRecord, changes: IntervalChanges, cause: EventCause) => void;

export interface SqliteReadingRepositoryOptions {
  readonly tables: OpeningTableAccess;
  readonly evaluateChanges: EvaluateChanges;
  readonly appendEvent: AppendEvent;
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
}

export interface SqliteReadingRepository extends ReadingRepository {
  /**
   * Lets early readings take effect whose instant is reached. To be called inside a transaction.
   * @returns the number of readings, at most `limit`
   */
  applyEarlyReadings(cause: EventCause, limit: number): number;
}

/** Readings that share a transaction, unless one opening has more. It takes about 5 ms, for which other commands wait. */
const MAX_CHUNK_SIZE = 100;

export function createSqliteReadingRepository(
  options: SqliteReadingRepositoryOptions,
): SqliteReadingRepository {
  const { tables, evaluateChanges, appendEvent, transact, now } = options;

  /** @returns the number of new readings */
  const recordOpening = (
    userId: string,
    name: string,
    received: readonly SensorReading[],
    cause: EventCause,
  ): number => {
    const opening = tables.openings.findOrCreate(userId, name);
    const clock = Date.parse(cause.now);
    const added = received.filter((reading) =>
      tables.readings.insert(opening.id, reading, reading.at <= clock),
    );
    if (added.length === 0) return 0;
    const effective = added.filter(({ at }) => at <= clock);
    const changes =
      effective.length > 0
        ? updateIntervals(tables, opening, effective)
        : { put: [], removed: [], state: opening.state, since: opening.since };
    const readings = added.map(({ id, state, at }) => ({ id, state, at: formatInstant(at) }));
    const data = { ...toOpeningChange(opening, changes), readings };
    appendEvent({ type: 'ReadingsRecorded', version: 1, data }, cause.now, cause.actor);
    evaluateChanges(opening, changes, cause);
    return added.length;
  };

  return {
    async record(caller, userId, byOpening) {
      const results = await Promise.all(
        splitIntoChunks(byOpening).map(async ({ openings, size }) => {
          const accepted = await transact(() => {
            const cause = { now: now(), actor: caller };
            return openings.reduce(
              (sum, [name, received]) => sum + recordOpening(userId, name, received, cause),
              0,
            );
          }, size);
          return { accepted, duplicates: size - accepted };
        }),
      );
      return {
        accepted: results.reduce((sum, { accepted }) => sum + accepted, 0),
        duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, 0),
      };
    },

    applyEarlyReadings(cause, limit) {
      let count = 0;
      for (const [openingId, added] of tables.readings.makeEffective(Date.parse(cause.now), limit)) {
        count += added.length;
        const opening = tables.openings.findById(openingId);
        if (!opening) continue;
        const changes = updateIntervals(tables, opening, added);
        const data = toOpeningChange(opening, changes);
        appendEvent({ type: 'OpeningChanged', version: 1, data }, cause.now, cause.actor);
        evaluateChanges(opening, changes, cause);
      }
      return count;
    },
  };
}

/** Updates the intervals and the state of an opening for stored readings that take effect. */
function updateIntervals(
  { openings, readings, intervals }: OpeningTableAccess,
  { id }: OpeningRecord,
  added: readonly SensorReading[],
): IntervalChanges {
  const changes = applyReadings(
    {
      firstReading: (state, from) => readings.findFirst(id, state, from),
      intervalBefore: (at) => intervals.findLastBefore(id, at),
      intervalsBetween: (from, until) => intervals.findBetween(id, from, until),
    },
    added,
  );
  for (const startId of changes.removed) intervals.remove(id, startId);
  for (const interval of changes.put) intervals.upsert(id, interval);
  openings.setState(id, changes);
  return changes;
}

const toOpeningChange = (
  { userId, name }: OpeningRecord,
  { state, since, put, removed }: IntervalChanges,
): OpeningChange => ({
  userId,
  opening: name,
  state,
  since: formatNullableInstant(since),
  intervals: put.map(({ startId, startedAt, endedAt }) => ({
    startId,
    startedAt: formatInstant(startedAt),
    endedAt: formatNullableInstant(endedAt),
  })),
  removed: [...removed],
});

const formatNullableInstant = (ms: number | null) => (ms === null ? null : formatInstant(ms));

interface Chunk {
  readonly openings: (readonly [name: string, received: readonly SensorReading[]])[];
  size: number;
}

/** Splits a large batch into transactions. That is safe, because readings of different openings are independent. */
function splitIntoChunks(byOpening: ReadonlyMap<string, readonly SensorReading[]>): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let last: Chunk | undefined;
  for (const entry of byOpening) {
    if (!last || last.size + entry[1].length > MAX_CHUNK_SIZE) {
      last = { openings: [], size: 0 };
      chunks.push(last);
    }
    last.openings.push(entry);
    last.size += entry[1].length;
  }
  return chunks;
}

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
  const update = db
    .update(openings)
    .set({ state: sql`${sql.placeholder('state')}`, since: sql`${sql.placeholder('since')}` })
    .where(eq(openings.id, sql.placeholder('id')))
    .prepare();

  return {
    findOrCreate: (userId: string, name: string): OpeningRecord =>
      byName.get({ userId, name }) ?? insert.get({ userId, name }),
    findById: (id: number): OpeningRecord | undefined => byId.get({ id }),
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
    .limit(1)
    .prepare();
  const isEarly = sql`not ${readings.effective}`;
  const early = db
    .select()
    .from(readings)
    .where(and(isEarly, lte(readings.at, sql.placeholder('at'))))
    .orderBy(asc(readings.at))
    .limit(sql.placeholder('limit'))
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
    makeEffective(until: number, limit: number): Map<number, SensorReading[]> {
      const byOpening = new Map<number, SensorReading[]>();
      for (const row of early.all({ at: until, limit })) {
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
    .limit(1)
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
    .limit(sql.placeholder('limit'))
    .prepare();
  const upsert = db
    .insert(intervals)
    .values(createColumnPlaceholders(intervals))
    .onConflictDoUpdate({
      target: [intervals.openingId, intervals.startedAt],
      set: { endedAt: sql`excluded.ended_at` },
    })
    .prepare();
  const startOfReading = db
    .select({ at: readings.at })
    .from(readings)
    .where(
      and(eq(readings.openingId, sql.placeholder('openingId')), eq(readings.id, sql.placeholder('startId'))),
    );
  const remove = db
    .delete(intervals)
    .where(and(isOfOpening, eq(intervals.startedAt, startOfReading)))
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
    /** @param startId the reading that started the interval */
    remove(openingId: number, startId: string): void {
      remove.run({ openingId, startId });
    },
  };
}
