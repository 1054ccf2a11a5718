import { alarmStateSchema, pickFields } from '@seguridad-abc/contracts';
import {
  createSqliteAggregateRepository,
  type SqliteRepositoryOptions,
} from '../db/sqlite-aggregate-repository.js';
import { evolveAlarm } from '../domain/alarm-decisions.js';
import { isAlarmBeforeHorizon } from '@seguridad-abc/evaluation';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import type { AlarmRepository } from './alarm-commands.js';
import type { AlarmState } from '@seguridad-abc/contracts';
import { and, asc, count, eq, gt, inArray, lte, min, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit, createUpsertValues } from '../db/prepared-columns.js';
import { alarms, pendingAlarms } from '../db/schema.js';
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
  const byInterval = db
    .select()
    .from(alarms)
    .where(
      and(eq(alarms.openingId, sql.placeholder('openingId')), eq(alarms.startId, sql.placeholder('startId'))),
    )
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
    /** The alarms of the interval that a reading starts, or started before a late reading. */
    findByInterval: (openingId: number, startId: string): AlarmRecord[] =>
      byInterval.all({ openingId, startId }),
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

/** When each open opening has to be evaluated again under each rule, if no further reading arrives. */
function createPendingAlarmTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const isOfOpening = eq(pendingAlarms.openingId, sql.placeholder('openingId'));
  const upsert = db
    .insert(pendingAlarms)
    .values(createColumnPlaceholders(pendingAlarms))
    .onConflictDoUpdate({
      target: [pendingAlarms.openingId, pendingAlarms.ruleId],
      set: createUpsertValues(pendingAlarms),
    })
    .prepare();
  const remove = db
    .delete(pendingAlarms)
    .where(and(isOfOpening, eq(pendingAlarms.ruleId, sql.placeholder('ruleId'))))
    .prepare();
  const removeByOpening = db.delete(pendingAlarms).where(isOfOpening).prepare();
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
    /** @param dueAt `undefined` if no alarm is pending */
    set(openingId: number, ruleId: string, dueAt: number | undefined): void {
      if (dueAt === undefined) {
        remove.run({ openingId, ruleId });
        return;
      }
      upsert.run({ openingId, ruleId, due: dueAt });
      onDue(dueAt);
    },
    removeByOpening(openingId: number): void {
      removeByOpening.run({ openingId });
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
