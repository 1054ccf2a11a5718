import { formatInstant, type OpeningChange } from '@seguridad-abc/contracts';
import { applyReadings, type IntervalChanges, type SensorReading } from '@seguridad-abc/evaluation';
import type { GroupCommit } from '../db/group-commit.js';
import type { AppendEvent } from '../db/outbox.js';
import type { EventCause } from '../domain/decision.js';
import type { OpeningRecord, OpeningTableAccess } from './opening-tables.js';
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
