import {
  ACCEPTED_OUTCOME,
  UNCHANGED_OUTCOME,
  formatInstant,
  type OpeningChange,
  type OpeningState,
} from '@seguridad-abc/contracts';
import {
  applyReadings,
  type IntervalChanges,
  type SensorReading,
  type OpeningInterval,
} from '@seguridad-abc/evaluation';
import type { AuditSummaries } from '@seguridad-abc/platform';
import { and, asc, between, count, desc, eq, gte, lt, lte, min, sql } from 'drizzle-orm';
import { getWorkOwner, MAX_SMALL_SIZE, type GroupCommit } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent } from '../db/outbox.js';
import { createColumnPlaceholders, createPreparedLimit } from '../db/prepared-columns.js';
import { intervals, openings, readings } from '../db/schema.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { CommandCaller, EventCause } from '../domain/decision.js';
import { MAX_READING_AHEAD_MS } from '../domain/reading-batch.js';
import {
  ChunkTooLargeError,
  countReadings,
  MAX_ALARM_CHANGES_PER_CHUNK,
  MAX_INDIVISIBLE_READINGS,
  splitChunk,
  splitIntoChunks,
  type ReadingChunk,
} from './reading-chunks.js';
import type { ReadingRepository } from './reading-commands.js';

/**
 * Evaluates the intervals of an opening that changed, inside the transaction that saves them.
 * @param maxAlarmChanges alarms that it may change; default: any number
 * @returns how many more it might have changed
 * @throws ChunkTooLargeError if there are more
 */
export type EvaluateChanges = (
  opening: OpeningRecord,
  changes: IntervalChanges,
  cause: EventCause,
  maxAlarmChanges?: number,
) => number;

export interface SqliteReadingRepositoryOptions {
  readonly tables: OpeningTableAccess;
  readonly evaluateChanges: EvaluateChanges;
  /** Counts the rules of an opening that hold at some time after an instant. */
  readonly countRules: (openingId: number, from: number) => number;
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Counts commands that add no reading. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
}

export interface SqliteReadingRepository extends ReadingRepository {
  /**
   * Lets early readings take effect whose instant is reached. To be called inside a transaction.
   * @param limit of the readings, each counted with the rules of its opening; one reading always takes effect
   * @returns the number of readings
   */
  applyEarlyReadings(cause: EventCause, limit: number): number;
}

/** Chunks of one command wait in the queue of large work, so that they run in their order. */
const MIN_SIZE_OF_PART = MAX_SMALL_SIZE + 1;

export function createSqliteReadingRepository(
  options: SqliteReadingRepositoryOptions,
): SqliteReadingRepository {
  const { tables, evaluateChanges, countRules, appendEvent, appendAuditEntry, transact, now } = options;

  /** Records the new readings of one transaction by opening. */
  const audit = (
    { id, role, device, address }: CommandCaller,
    userId: string,
    accepted: ReadonlyMap<string, number>,
    at: string,
  ) => {
    const [onlyOpening] = accepted.keys();
    const attempt = {
      action: 'recordReadings',
      role,
      actor: id,
      ...(device !== undefined && { device }),
      address: address ?? null,
      userId,
      subject: accepted.size === 1 ? (onlyOpening ?? null) : null,
    };
    if (accepted.size === 0) options.auditSummaries.record({ ...attempt, outcome: UNCHANGED_OUTCOME });
    else {
      const after = { acceptedReadings: Object.fromEntries(accepted) };
      appendAuditEntry({ ...attempt, after, outcome: ACCEPTED_OUTCOME }, at);
    }
  };

  /**
   * @param room number of alarms that may change
   * @returns the number of new readings, and the number of alarms that may still change
   */
  const recordOpening = (
    userId: string,
    name: string,
    received: readonly SensorReading[],
    cause: EventCause,
    room: number,
  ): { readonly accepted: number; readonly room: number } => {
    const opening = tables.openings.findOrCreate(userId, name);
    const clock = Date.parse(cause.now);
    const added = received.filter((reading) =>
      tables.readings.insert(opening.id, reading, reading.at <= clock),
    );
    if (added.length === 0) return { accepted: 0, room };
    const effective = added.filter(({ at }) => at <= clock);
    const changes =
      effective.length > 0
        ? updateIntervals(tables, opening, effective)
        : { put: [], removed: [], state: opening.state, since: opening.since };
    const readings = added.map(({ id, state, at }) => ({ id, state, at: formatInstant(at) }));
    const data = { ...toOpeningChange(opening, changes), readings };
    appendEvent({ type: 'ReadingsRecorded', version: 1, data }, cause.now, cause.actor);
    return { accepted: added.length, room: evaluateChanges(opening, changes, cause, room) };
  };

  const countRulesOf = (userId: string, name: string, received: readonly SensorReading[]): number => {
    const opening = tables.openings.findByName(userId, name);
    return opening ? countRules(opening.id, Math.min(...received.map(({ at }) => at))) : 0;
  };

  /** @returns the number of new readings */
  const recordChunk = async (
    caller: CommandCaller,
    userId: string,
    chunk: ReadingChunk,
    chunkCount: number,
  ): Promise<number> => {
    const work = () => {
      const cause = { now: now(), actor: caller };
      const acceptedByOpening = new Map<string, number>();
      let accepted = 0;
      let room = chunk.size > MAX_INDIVISIBLE_READINGS ? MAX_ALARM_CHANGES_PER_CHUNK : Infinity;
      for (const [name, received] of chunk.openings) {
        const recorded = recordOpening(userId, name, received, cause, room);
        if (recorded.accepted > 0) acceptedByOpening.set(name, recorded.accepted);
        accepted += recorded.accepted;
        room = recorded.room;
      }
      audit(caller, userId, acceptedByOpening, cause.now);
      return accepted;
    };
    try {
      const size = chunkCount > 1 ? Math.max(chunk.size, MIN_SIZE_OF_PART) : chunk.size;
      return await transact(work, size, getWorkOwner(caller));
    } catch (error) {
      if (!(error instanceof ChunkTooLargeError)) throw error;
      const parts = splitChunk(chunk, (name, received) => countRulesOf(userId, name, received));
      return recordChunks(caller, userId, parts);
    }
  };

  /** @returns the number of new readings */
  const recordChunks = async (
    caller: CommandCaller,
    userId: string,
    chunks: readonly ReadingChunk[],
  ): Promise<number> => {
    // The quotas count the openings of a command as long as one of its transactions is in progress, also if another failed.
    const outcomes = await Promise.allSettled(
      chunks.map((chunk) => recordChunk(caller, userId, chunk, chunks.length)),
    );
    let accepted = 0;
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
      accepted += outcome.value;
    }
    return accepted;
  };

  return {
    async record(caller, userId, byOpening) {
      const chunks = splitIntoChunks(byOpening, (name, received) => countRulesOf(userId, name, received));
      const accepted = await recordChunks(caller, userId, chunks);
      return { accepted, duplicates: countReadings(byOpening) - accepted };
    },

    applyEarlyReadings(cause, limit) {
      let total = 0;
      // One interval and its rules count as one, so that the readings of an opening with many rules take several turns.
      const weigh = (openingId: number) =>
        1 + countRules(openingId, Date.parse(cause.now) - MAX_READING_AHEAD_MS);
      const effective = tables.readings.makeEffective(Date.parse(cause.now), limit, weigh);
      for (const [openingId, added] of effective) {
        total += added.length;
        const opening = tables.openings.findById(openingId);
        if (!opening) continue;
        const changes = updateIntervals(tables, opening, added);
        const data = toOpeningChange(opening, changes);
        appendEvent({ type: 'OpeningChanged', version: 1, data }, cause.now, cause.actor);
        evaluateChanges(opening, changes, cause);
      }
      return total;
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
