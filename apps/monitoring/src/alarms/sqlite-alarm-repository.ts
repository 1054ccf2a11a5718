import { alarmStateSchema, pickFields, type AlarmState } from '@seguridad-abc/contracts';
import {
  createSqliteAggregateRepository,
  type SqliteRepositoryOptions,
} from '../db/sqlite-aggregate-repository.js';
import { evolveAlarm } from '../domain/alarm-decisions.js';
import { isAlarmBeforeHorizon } from '@seguridad-abc/evaluation';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import type { AlarmRepository } from './alarm-commands.js';
import { and, asc, between, count, eq, gt, inArray, lte, min, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit, createUpsertValues } from '../db/prepared-columns.js';
import { alarms, pendingAlarms } from '../db/schema.js';
import { KINDS_OF_SUBJECT, type EpisodeSubject } from '../domain/episode.js';
import type { AlarmRecord } from '../domain/interval-evaluation.js';

/**
 * @param hasOpening whether an opening is stored
 * @param horizon alarms from before it are not found, although they may not be deleted yet
 */
export const createSqliteAlarmRepository = (
  { alarms }: AlarmTableAccess,
  hasOpening: (openingId: number) => boolean,
  horizon: Pick<HistoryHorizon, 'before'>,
  options: SqliteRepositoryOptions,
): AlarmRepository => {
  // An erasure detaches openings first, and deletes their alarms later.
  const isPresent = (record: AlarmRecord) =>
    hasOpening(record.openingId) &&
    (horizon.before === undefined || !isAlarmBeforeHorizon(record, horizon.before));
  return createSqliteAggregateRepository(
    {
      stateSchema: alarmStateSchema,
      find(id) {
        const record = alarms.findById(id);
        return record && isPresent(record) ? pickFields(alarmStateSchema, record) : undefined;
      },
      findAll: (ids) =>
        alarms
          .findByIds(ids)
          .filter(isPresent)
          .map((record) => pickFields(alarmStateSchema, record)),
      evolve: evolveAlarm,
      save: (alarm) => alarms.updateState(alarm),
    },
    options,
  );
};

export type AlarmTableAccess = ReturnType<typeof createAlarmTableAccess>;

/**
 * The tables of alarms and of pending alarms. Every call is synchronous and belongs inside a transaction.
 * @param onDue is called with the instant at which a new pending alarm is due
 */
export const createAlarmTableAccess = (db: MonitoringDrizzle, onDue: (at: number) => void) => ({
  alarms: createAlarmTable(db),
  pendingAlarms: createPendingAlarmTable(db, onDue),
});

function createAlarmTable(db: MonitoringDrizzle) {
  const prepareByStart = (subject: EpisodeSubject) =>
    db
      .select()
      .from(alarms)
      .where(
        and(
          eq(alarms.openingId, sql.placeholder('openingId')),
          inArray(alarms.kind, [...KINDS_OF_SUBJECT[subject]]),
          between(alarms.startedAt, sql.placeholder('from'), sql.placeholder('until')),
        ),
      )
      .prepare();
  const byStart = {
    OPEN: prepareByStart('OPEN'),
    TAMPERED: prepareByStart('TAMPERED'),
    BATTERY_LOW: prepareByStart('BATTERY_LOW'),
    SILENCE: prepareByStart('SILENCE'),
    LATE_OPENINGS: prepareByStart('LATE_OPENINGS'),
  };
  const activeOfOpening = db
    .select()
    .from(alarms)
    .where(
      and(
        eq(alarms.openingId, sql.placeholder('openingId')),
        // Written out, so that the partial index fits.
        sql`${alarms.status} = 'ACTIVE'`,
      ),
    )
    .orderBy(asc(alarms.startedAt))
    .prepare();
  const byId = db
    .select()
    .from(alarms)
    .where(eq(alarms.id, sql.placeholder('id')))
    .prepare();
  const upsert = db
    .insert(alarms)
    .values(createColumnPlaceholders(alarms))
    .onConflictDoUpdate({ target: alarms.id, set: createUpsertValues(alarms) })
    .prepare();

  return {
    /** The alarms of episodes of a subject that start in `[from, until]`. */
    findByStart: (openingId: number, subject: EpisodeSubject, from: number, until: number): AlarmRecord[] =>
      byStart[subject].all({ openingId, from, until }),
    /** The active alarms of an opening, in the order of the starts of their episodes. */
    findActive: (openingId: number): AlarmRecord[] => activeOfOpening.all({ openingId }),
    findById: (id: string): AlarmRecord | undefined => byId.get({ id }),
    findByIds: (ids: readonly string[]): AlarmRecord[] =>
      db
        .select()
        .from(alarms)
        .where(inArray(alarms.id, [...ids]))
        .all(),
    upsert(alarm: AlarmRecord): void {
      upsert.run({ ...alarm });
    },
    /** Updates the public state of a stored alarm. */
    updateState({ id, ...state }: AlarmState): void {
      db.update(alarms).set(state).where(eq(alarms.id, id)).run();
    },
  };
}

/** When an opening has to be evaluated again under a rule. */
export interface PendingAlarm {
  /** Not later than the instant at which the next alarm is due. */
  readonly due: number;
  /** Whether only an open interval can raise the alarm. */
  readonly needsOpen: boolean;
  /** Late openings up to this instant are evaluated. */
  readonly evaluatedUntil: number;
}

/** When each opening has to be evaluated again under each rule, if no further reading arrives. */
function createPendingAlarmTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const isOfOpening = eq(pendingAlarms.openingId, sql.placeholder('openingId'));
  const isRow = and(isOfOpening, eq(pendingAlarms.ruleId, sql.placeholder('ruleId')));
  const insert = () => db.insert(pendingAlarms).values(createColumnPlaceholders(pendingAlarms));
  const target = [pendingAlarms.openingId, pendingAlarms.ruleId];
  const replace = insert()
    .onConflictDoUpdate({ target, set: createUpsertValues(pendingAlarms) })
    .prepare();
  const advance = insert()
    .onConflictDoUpdate({
      target,
      set: {
        due: sql`min(${pendingAlarms.due}, excluded.due)`,
        needsOpen: sql`min(${pendingAlarms.needsOpen}, excluded.needs_open)`,
      },
      setWhere: sql`excluded.due < ${pendingAlarms.due} or excluded.needs_open < ${pendingAlarms.needsOpen}`,
    })
    .prepare();
  const remove = db.delete(pendingAlarms).where(isRow).prepare();
  const removeThatNeedOpen = db
    .delete(pendingAlarms)
    .where(and(isOfOpening, eq(pendingAlarms.needsOpen, true)))
    .prepare();
  const byRule = db.select().from(pendingAlarms).where(isRow).prepare();
  const due = db
    .select()
    .from(pendingAlarms)
    .where(lte(pendingAlarms.due, sql.placeholder('at')))
    .orderBy(asc(pendingAlarms.due))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const dueRows = db
    .select({ due: pendingAlarms.due })
    .from(pendingAlarms)
    .where(lte(pendingAlarms.due, sql.placeholder('at')))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .as('due_rows');
  const dueCount = db.select({ count: count() }).from(dueRows).prepare();
  const earliest = db
    .select({ due: min(pendingAlarms.due) })
    .from(pendingAlarms)
    .where(gt(pendingAlarms.due, 0))
    .prepare();
  const next = db
    .select({ due: min(pendingAlarms.due) })
    .from(pendingAlarms)
    .prepare();

  return {
    find: (openingId: number, ruleId: string): PendingAlarm | undefined => byRule.get({ openingId, ruleId }),
    /** Replaces a row by what an evaluation of the present has found. @param pending undefined if no alarm is pending */
    replace(openingId: number, ruleId: string, pending: PendingAlarm | undefined): void {
      if (!pending) {
        remove.run({ openingId, ruleId });
        return;
      }
      replace.run({ openingId, ruleId, ...pending });
      onDue(pending.due);
    },
    /** Makes sure that an opening is evaluated at an instant or earlier. */
    advance(openingId: number, ruleId: string, pending: PendingAlarm): void {
      advance.run({ openingId, ruleId, ...pending });
      onDue(pending.due);
    },
    /** Removes the rows of an opening that is not open any more, or open since another instant. */
    removeThatNeedOpen(openingId: number): void {
      removeThatNeedOpen.run({ openingId });
    },
    /** The pending alarms that are due at an instant, the earliest first. */
    findDue: (at: number, limit: number): (typeof pendingAlarms.$inferSelect)[] => due.all({ at, limit }),
    /** Counts pending alarms that are due at an instant, at most `limit`. */
    countDue: (at: number, limit: number): number => dueCount.get({ at, limit })?.count ?? 0,
    /** The earliest instant. It leaves out those that are to be evaluated at once, which have none. */
    getEarliestDueAt: (): number | undefined => earliest.get()?.due ?? undefined,
    getNextDueAt: (): number | undefined => next.get()?.due ?? undefined,
  };
}
