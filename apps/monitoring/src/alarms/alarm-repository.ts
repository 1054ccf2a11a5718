import { alarmStateSchema, pickFields, type AlarmState, type Signal } from '@seguridad-abc/contracts';
import { isAlarmBeforeHorizon } from '@seguridad-abc/evaluation';
import { and, asc, between, count, eq, getTableColumns, gt, inArray, lte, min, sql } from 'drizzle-orm';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import { createAggregateRepository, type RepositoryOptions } from '../db/aggregate-repository.js';
import { prepareBatchInsert } from '../db/batch-insert.js';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit, createUpsertValues } from '../db/prepared-columns.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables, type MonitoringTables } from '../db/schema.js';
import { evolveAlarm } from '../domain/alarm-decisions.js';
import { KINDS_OF_SUBJECT, type EpisodeSubject } from '../domain/episode.js';
import type { AlarmRecord } from '../domain/interval-evaluation.js';
import type { AlarmRepository } from './alarm-commands.js';

export interface AlarmRepositoryOptions extends RepositoryOptions {
  readonly table: Pick<AlarmTable, 'findOfOpenings' | 'updateState'>;
  /** Reads what is committed. */
  readonly reader: Pick<AlarmTable, 'findOfOpenings'>;
  /** Alarms from before it are not found, although they may not be deleted yet. */
  readonly horizon: Pick<HistoryHorizon, 'before'>;
}

export const createAlarmRepository = (options: AlarmRepositoryOptions): AlarmRepository => {
  const { table, reader, horizon } = options;
  const toPublicStates = (records: readonly AlarmRecord[]): AlarmState[] =>
    records
      .filter((record) => horizon.before === undefined || !isAlarmBeforeHorizon(record, horizon.before))
      .map((record) => pickFields(alarmStateSchema, record));
  return createAggregateRepository(
    {
      stateSchema: alarmStateSchema,
      find: async (id) => toPublicStates(await table.findOfOpenings([id]))[0],
      findAll: async (ids) => toPublicStates(await reader.findOfOpenings(ids)),
      evolve: evolveAlarm,
      save: (alarm) => table.updateState(alarm),
    },
    options,
  );
};

type AlarmTable = ReturnType<typeof createAlarmTable>;
export type AlarmTableAccess = ReturnType<typeof createAlarmTableAccess>;

/**
 * The tables of alarms and of pending alarms. Writes belong inside a transaction.
 * @param onDue is called with the instant at which a new pending alarm is due
 */
export const createAlarmTableAccess = (db: MonitoringDrizzle, onDue: (at: number) => void) => ({
  alarms: createAlarmTable(db),
  pendingAlarms: createPendingAlarmTable(db, onDue),
});

function createAlarmTable(db: MonitoringDrizzle) {
  const { alarms, openings } = getTables(db);
  const isOfOpening = eq(alarms.openingId, sql.placeholder('openingId'));
  const prepareByStart = (subject: EpisodeSubject) =>
    prepare(
      db,
      db
        .select()
        .from(alarms)
        .where(
          and(
            isOfOpening,
            inArray(alarms.kind, [...KINDS_OF_SUBJECT[subject]]),
            between(alarms.startedAt, sql.placeholder('from'), sql.placeholder('until')),
          ),
        ),
    );
  const byStart = {
    OPEN: prepareByStart('OPEN'),
    TAMPERED: prepareByStart('TAMPERED'),
    BATTERY_LOW: prepareByStart('BATTERY_LOW'),
    SILENCE: prepareByStart('SILENCE'),
    LATE_OPENINGS: prepareByStart('LATE_OPENINGS'),
  };
  const prepareOfStarts = (subject: EpisodeSubject) =>
    prepare(
      db,
      db
        .select()
        .from(alarms)
        .where(
          and(
            isOfOpening,
            inArray(alarms.kind, [...KINDS_OF_SUBJECT[subject]]),
            getDialect(db).isInJson(alarms.startedAt, sql.placeholder('starts')),
          ),
        ),
    );
  const ofStarts = {
    OPEN: prepareOfStarts('OPEN'),
    TAMPERED: prepareOfStarts('TAMPERED'),
    BATTERY_LOW: prepareOfStarts('BATTERY_LOW'),
  };
  const activeOfOpening = prepare(
    db,
    db
      .select()
      .from(alarms)
      // The status is written out, so that the partial index fits.
      .where(and(isOfOpening, sql`${alarms.status} = 'ACTIVE'`))
      .orderBy(asc(alarms.startedAt)),
  );
  const byId = prepare(
    db,
    db
      .select()
      .from(alarms)
      .where(eq(alarms.id, sql.placeholder('id'))),
  );
  const isOneOf = getDialect(db).isInJson(alarms.id, sql.placeholder('ids'));
  const idsOf = prepare(db, db.select({ id: alarms.id }).from(alarms).where(isOneOf));
  const ofOpenings = prepare(
    db,
    db
      .select(getTableColumns(alarms))
      .from(alarms)
      .innerJoin(openings, eq(openings.id, alarms.openingId))
      .where(isOneOf),
  );
  const upsert = prepareBatchInsert(db, alarms, (insert) =>
    insert.onConflictDoUpdate({ target: alarms.id, set: createUpsertValues(alarms) }),
  );

  return {
    /** The alarms of episodes of a subject that start in `[from, until]`. */
    findByStart: (
      openingId: number,
      subject: EpisodeSubject,
      from: number,
      until: number,
    ): Promise<AlarmRecord[]> => byStart[subject].all({ openingId, from, until }),
    /** The alarms of intervals of a signal that start at some instants. */
    findByStarts: (openingId: number, signal: Signal, starts: readonly number[]): Promise<AlarmRecord[]> =>
      ofStarts[signal].all({ openingId, starts: JSON.stringify(starts) }),
    /** The active alarms of an opening, in the order of the starts of their episodes. */
    findActive: (openingId: number): Promise<AlarmRecord[]> => activeOfOpening.all({ openingId }),
    findById: (id: string): Promise<AlarmRecord | undefined> => byId.get({ id }),
    /** The stored alarms of some ids. An erasure detaches openings first, and deletes their alarms later: it leaves those out. */
    findOfOpenings: (ids: readonly string[]): Promise<AlarmRecord[]> =>
      ofOpenings.all({ ids: JSON.stringify(ids) }),
    /** Which ids are those of stored alarms. */
    async findTaken(ids: readonly string[]): Promise<Set<string>> {
      const rows = await idsOf.all({ ids: JSON.stringify(ids) });
      return new Set(rows.map(({ id }) => id));
    },
    /** @param records different alarms */
    async upsert(...records: readonly AlarmRecord[]): Promise<void> {
      await upsert.run(records);
    },
    /** Updates the public state of a stored alarm. */
    async updateState({ id, ...state }: AlarmState): Promise<void> {
      await db.update(alarms).set(state).where(eq(alarms.id, id));
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

/** A stored pending alarm. */
export type PendingAlarmRow = MonitoringTables['pendingAlarms']['$inferSelect'];

/** When each opening has to be evaluated again under each rule, if no further reading arrives. */
function createPendingAlarmTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const { pendingAlarms } = getTables(db);
  const isOfOpening = eq(pendingAlarms.openingId, sql.placeholder('openingId'));
  const isRow = and(isOfOpening, eq(pendingAlarms.ruleId, sql.placeholder('ruleId')));
  const target = [pendingAlarms.openingId, pendingAlarms.ruleId];
  const replace = prepare(
    db,
    db
      .insert(pendingAlarms)
      .values(createColumnPlaceholders(pendingAlarms))
      .onConflictDoUpdate({ target, set: createUpsertValues(pendingAlarms) }),
  );
  const advance = prepareBatchInsert(db, pendingAlarms, (insert) =>
    insert.onConflictDoUpdate({
      target,
      set: {
        due: getDialect(db).least(pendingAlarms.due, sql`excluded.due`),
        needsOpen: sql`${pendingAlarms.needsOpen} and excluded.needs_open`,
      },
      setWhere: sql`excluded.due < ${pendingAlarms.due} or excluded.needs_open < ${pendingAlarms.needsOpen}`,
    }),
  );
  const remove = prepare(db, db.delete(pendingAlarms).where(isRow));
  const removeThatNeedOpen = prepare(
    db,
    db.delete(pendingAlarms).where(and(isOfOpening, eq(pendingAlarms.needsOpen, true))),
  );
  const byRule = prepare(db, db.select().from(pendingAlarms).where(isRow));
  const isDue = lte(pendingAlarms.due, sql.placeholder('at'));
  const dueRows = db
    .select({ due: pendingAlarms.due })
    .from(pendingAlarms)
    .where(isDue)
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .as('due_rows');
  const dueCount = prepare(db, db.select({ count: count() }).from(dueRows));
  const earliest = prepare(
    db,
    db
      .select({ due: min(pendingAlarms.due) })
      .from(pendingAlarms)
      .where(gt(pendingAlarms.due, 0)),
  );

  return {
    find: (openingId: number, ruleId: string): Promise<PendingAlarm | undefined> =>
      byRule.get({ openingId, ruleId }),
    /** Replaces a row by what an evaluation of the present has found. @param pending undefined if no alarm is pending */
    async replace(openingId: number, ruleId: string, pending: PendingAlarm | undefined): Promise<void> {
      if (!pending) {
        await remove.run({ openingId, ruleId });
        return;
      }
      await replace.run({ openingId, ruleId, ...pending });
      onDue(pending.due);
    },
    /** Makes sure that openings are evaluated at an instant or earlier. @param rows one of each opening and rule */
    async advance(rows: readonly PendingAlarmRow[]): Promise<void> {
      if (rows.length === 0) return;
      await advance.run(rows);
      onDue(Math.min(...rows.map(({ due }) => due)));
    },
    /** Removes the rows of an opening that is not open any more, or open since another instant. */
    removeThatNeedOpen: (openingId: number): Promise<void> => removeThatNeedOpen.run({ openingId }),
    /** Counts pending alarms that are due at an instant, at most `limit`. */
    countDue: async (at: number, limit: number): Promise<number> =>
      (await dueCount.get({ at, limit }))?.count ?? 0,
    /** The earliest instant. It leaves out those that are to be evaluated at once, which have none. */
    getEarliestDueAt: async (): Promise<number | undefined> => (await earliest.get())?.due ?? undefined,
  };
}
