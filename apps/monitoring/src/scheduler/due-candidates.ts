import { and, asc, lte, min, sql, type Column } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';

/** A job of an opening. */
interface OpeningJob {
  readonly openingId: number;
  /** Null: the opening is erased meanwhile. */
  readonly userId: string | null;
}

/** An early reading whose instant is reached. */
export interface DueEarlyReading extends OpeningJob {
  readonly id: string;
  /** The rules of its opening that held lately. */
  readonly ruleCount: number;
}

/** A pending alarm that is due. */
export interface DuePendingAlarm extends OpeningJob {
  readonly ruleId: string;
  readonly due: number;
}

/** A rule whose past is evaluated again. */
export interface ReevaluatedRule extends OpeningJob {
  readonly ruleId: string;
}

/** Finds the stored jobs, outside of transactions: a job locks its user first, and looks again then. */
export interface DueCandidates {
  /** The early readings whose instant is reached, the earliest first. @param rulesSince rules that held after it are counted */
  findEarlyReadings(until: number, limit: number, rulesSince: number): Promise<DueEarlyReading[]>;
  /** The pending alarms that are due, the earliest first. */
  findPendingAlarms(until: number, limit: number): Promise<DuePendingAlarm[]>;
  findReevaluation(): Promise<ReevaluatedRule | undefined>;
  /** When the next early reading takes effect. */
  getNextEarlyAt(): Promise<number | undefined>;
  /** When the next pending alarm is due. */
  getNextPendingAt(): Promise<number | undefined>;
}

/** @param reader a connection that sees what is committed */
export function createDueCandidates(reader: MonitoringDrizzle): DueCandidates {
  const { openings, pendingAlarms, readings, reevaluationJobs, ruleVersions } = getTables(reader);
  const limit = createPreparedLimit(sql.placeholder('limit'));
  const selectUser = (openingId: Column) =>
    sql<string | null>`(select ${openings.userId} from ${openings} where ${openings.id} = ${openingId})`;
  const isEarly = sql`not ${readings.effective}`;
  const ruleCount = sql<number>`(select count(distinct ${ruleVersions.ruleId}) from ${ruleVersions}
    where ${ruleVersions.openingId} = ${readings.openingId} and ${ruleVersions.validUntil} > ${sql.placeholder('rulesSince')})`;
  const early = prepare(
    reader,
    reader
      .select({
        openingId: readings.openingId,
        id: readings.id,
        userId: selectUser(readings.openingId),
        ruleCount: ruleCount.mapWith(Number),
      })
      .from(readings)
      .where(and(isEarly, lte(readings.at, sql.placeholder('until'))))
      .orderBy(asc(readings.at))
      .limit(limit),
  );
  const nextEarly = prepare(
    reader,
    reader
      .select({ at: min(readings.at) })
      .from(readings)
      .where(isEarly),
  );
  const { openingId, ruleId, due } = pendingAlarms;
  const pending = prepare(
    reader,
    reader
      .select({ openingId, ruleId, due, userId: selectUser(openingId) })
      .from(pendingAlarms)
      .where(lte(due, sql.placeholder('until')))
      .orderBy(asc(due))
      .limit(limit),
  );
  const nextPending = prepare(reader, reader.select({ due: min(due) }).from(pendingAlarms));
  const reevaluation = prepare(
    reader,
    reader
      .select({
        openingId: reevaluationJobs.openingId,
        ruleId: reevaluationJobs.ruleId,
        userId: selectUser(reevaluationJobs.openingId),
      })
      .from(reevaluationJobs)
      .limit(createPreparedLimit(1)),
  );

  return {
    findEarlyReadings: (until, count, rulesSince) => early.all({ until, limit: count, rulesSince }),
    findPendingAlarms: (until, count) => pending.all({ until, limit: count }),
    findReevaluation: () => reevaluation.get(),
    getNextEarlyAt: async () => (await nextEarly.get())?.at ?? undefined,
    getNextPendingAt: async () => (await nextPending.get())?.due ?? undefined,
  };
}
