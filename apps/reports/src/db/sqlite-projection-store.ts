import {
  buildIsOneOfSql,
  createCheckpoint,
  emptyWriteAheadLog,
  runAsPromise,
} from '@seguridad-abc/platform/storage';
import {
  and,
  asc,
  count,
  eq,
  getTableColumns,
  gt,
  inArray,
  is,
  min,
  Param,
  Placeholder,
  sql,
  type Column,
  type SQL,
} from 'drizzle-orm';
import type { IndexColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import {
  getExceptionEnd,
  getKnownUserIds,
  getQueueRank,
  INITIAL_CHECKPOINT,
  NO_READ_MODEL_RECORDS,
  type ProjectedAlarm,
  type ProjectedCalendar,
  type ProjectedDevice,
  type ProjectedException,
  type ProjectedInterval,
  type ProjectedOpeningState,
  type ProjectedRule,
  type ReadModelCheckpoint,
  type ReadModelRecords,
} from '../domain/read-model.js';
import { foldTextForSearch } from '../domain/projection.js';
import { ReadModelConflictError, type ProjectionStore } from './projection-store.js';
import type { ReportsDrizzle } from './reports-database.js';
import {
  projectedAlarmColumns,
  alarms,
  alarmTimeline,
  calendars,
  checkpoint,
  devices,
  exceptions,
  heardInstants,
  historyHorizon,
  projectedCalendarColumns,
  projectedDeviceColumns,
  projectedExceptionColumns,
  projectedIntervalColumns,
  intervals,
  projectedOpeningColumns,
  openings,
  projectedRuleColumns,
  rules,
  setAsideEntries,
  users,
} from './schema.js';
import { createHistoryRemoval } from './history-removal.js';
import { createUserDataErasure } from './user-erasure.js';

const CHECKPOINT_ROW_ID = 1;
const RECORD_TABLES = [
  intervals,
  heardInstants,
  openings,
  rules,
  alarms,
  alarmTimeline,
  devices,
  calendars,
  exceptions,
  users,
  setAsideEntries,
  historyHorizon,
];

/** Drizzle leaves out the columns whose value is undefined. */
const toCheckpointRow = ({ logId, position, mark }: ReadModelCheckpoint) => ({
  logId,
  position,
  mark: mark ?? null,
});

/**
 * Creates the write side of the read model in SQLite.
 * A commit runs in a synchronous transaction, because better-sqlite3 does not roll back an asynchronous one.
 */
export function createSqliteProjectionStore(db: ReportsDrizzle): ProjectionStore {
  db.insert(checkpoint)
    .values({ id: CHECKPOINT_ROW_ID, ...INITIAL_CHECKPOINT })
    .onConflictDoNothing()
    .run();
  const findStoredRecords = prepareRecordReader(db);
  const writeRecords = prepareRecordWriter(db);
  const eraseSome = createUserDataErasure(db);
  const removeSomeHistory = createHistoryRemoval(db);

  return {
    readCheckpoint: () =>
      runAsPromise(() => {
        const row = db.select().from(checkpoint).get();
        return row ? createCheckpoint(row.logId, row.position, row.mark) : INITIAL_CHECKPOINT;
      }),

    readSetAside: (after, limit) =>
      runAsPromise(() => {
        const rows = db
          .select()
          .from(setAsideEntries)
          .where(gt(setAsideEntries.position, after))
          .orderBy(asc(setAsideEntries.position))
          .limit(limit)
          .all();
        return rows.map(({ reason, attempts, setAsideAt, ...entry }) => ({
          entry,
          reason,
          setAsideAt,
          ...(attempts !== null && { attempts }),
        }));
      }),

    summarizeSetAside: () =>
      runAsPromise(() => {
        const row = db
          .select({
            count: count(),
            first: min(setAsideEntries.position),
            bytes: sql<number>`coalesce(sum(octet_length(${setAsideEntries.data})), 0)`,
          })
          .from(setAsideEntries)
          .get();
        return { count: row?.count ?? 0, first: row?.first ?? undefined, bytes: row?.bytes ?? 0 };
      }),

    updateSetAside: (position, reason, attempts) =>
      runAsPromise(
        () =>
          void db
            .update(setAsideEntries)
            .set({ reason, attempts })
            .where(eq(setAsideEntries.position, position))
            .run(),
      ),

    dropSetAside: (positions) =>
      runAsPromise(
        () =>
          db.delete(setAsideEntries).where(buildIsOneOfSql(setAsideEntries.position, positions)).run()
            .changes,
      ),

    clear: (to) =>
      runAsPromise(() =>
        db.transaction((tx) => {
          for (const table of RECORD_TABLES) tx.delete(table).run();
          tx.update(checkpoint).set(toCheckpointRow(to)).run();
        }),
      ),

    findStored: (incoming) => runAsPromise(() => findStoredRecords(incoming)),

    eraseSome: (erasure) => runAsPromise(() => eraseSome(erasure)),

    removeSomeHistory: (removal) => runAsPromise(() => removeSomeHistory(removal)),

    removeErasedContent: () => runAsPromise(() => emptyWriteAheadLog(db)),

    commit: ({
      from,
      to,
      records = NO_READ_MODEL_RECORDS,
      setAside: newSetAside = [],
      projectedSetAside = [],
    }) =>
      runAsPromise(() =>
        db.transaction((tx) => {
          const { changes } = tx
            .update(checkpoint)
            .set(toCheckpointRow(to))
            .where(and(eq(checkpoint.position, from.position), sql`${checkpoint.logId} is ${from.logId}`))
            .run();
          if (changes !== 1) {
            throw new ReadModelConflictError(
              `The read model is not at position ${from.position}: another writer changed it. Run one reports process per data folder.`,
            );
          }
          writeRecords(records);
          for (const { entry, reason, attempts } of newSetAside) {
            tx.insert(setAsideEntries)
              .values({ ...entry, reason, attempts, setAsideAt: new Date().toISOString() })
              .onConflictDoNothing()
              .run();
          }
          if (projectedSetAside.length > 0)
            tx.delete(setAsideEntries).where(inArray(setAsideEntries.position, projectedSetAside)).run();
        }),
      ),
  };
}

/** The keys to look up: a row `wanted` with a JSON `value` for each. The list is one parameter of the statement. */
const WANTED: SQL = sql`json_each(${sql.placeholder('keys')}) as wanted`;

/** Reads the stored records that have the keys of the incoming ones, with one statement for each kind. */
function prepareRecordReader(db: ReportsDrizzle): (incoming: ReadModelRecords) => ReadModelRecords {
  const isWantedOpening = and(
    eq(openings.userId, sql`wanted.value ->> 0`),
    eq(openings.name, sql`wanted.value ->> 1`),
  );
  const selectRules = db
    .select(projectedRuleColumns)
    .from(WANTED)
    .innerJoin(rules, eq(rules.id, sql`wanted.value`))
    .prepare();
  const selectOpenings = db
    .select(projectedOpeningColumns)
    .from(WANTED)
    .innerJoin(openings, isWantedOpening)
    .prepare();
  const selectIntervals = db
    .select(projectedIntervalColumns)
    .from(WANTED)
    .innerJoin(openings, isWantedOpening)
    .innerJoin(
      intervals,
      and(
        eq(intervals.openingId, openings.id),
        eq(intervals.signal, sql`wanted.value ->> 2`),
        eq(intervals.startId, sql`wanted.value ->> 3`),
      ),
    )
    .prepare();
  const selectAlarms = db
    .select(projectedAlarmColumns)
    .from(WANTED)
    .innerJoin(alarms, eq(alarms.id, sql`wanted.value`))
    .prepare();

  const selectDevices = db
    .select(projectedDeviceColumns)
    .from(WANTED)
    .innerJoin(devices, eq(devices.id, sql`wanted.value`))
    .prepare();
  const selectCalendars = db
    .select(projectedCalendarColumns)
    .from(WANTED)
    .innerJoin(calendars, eq(calendars.id, sql`wanted.value`))
    .prepare();
  const selectExceptions = db
    .select(projectedExceptionColumns)
    .from(WANTED)
    .innerJoin(exceptions, eq(exceptions.id, sql`wanted.value`))
    .prepare();

  /** Runs a statement once for all distinct keys, or not at all if there is no key. */
  const find = <Found>(
    statement: { all(parameters: { keys: string }): Found[] },
    keys: readonly unknown[],
  ): Found[] => {
    const distinct = new Set(keys.map((key) => JSON.stringify(key)));
    return distinct.size === 0 ? [] : statement.all({ keys: `[${[...distinct].join()}]` });
  };

  return (incoming) => ({
    rules: find<ProjectedRule>(
      selectRules,
      incoming.rules.map(({ state }) => state.id),
    ),
    openings: find<ProjectedOpeningState>(
      selectOpenings,
      incoming.openings.map(({ userId, name }) => [userId, name]),
    ),
    intervals: find<ProjectedInterval>(
      selectIntervals,
      incoming.intervals.map(({ userId, opening, signal, startId }) => [userId, opening, signal, startId]),
    ),
    heardInstants: [],
    alarms: find<ProjectedAlarm>(
      selectAlarms,
      incoming.alarms.map(({ state }) => state.id),
    ),
    alarmTimeline: [],
    devices: find<ProjectedDevice>(
      selectDevices,
      incoming.devices.map(({ state }) => state.id),
    ),
    calendars: find<ProjectedCalendar>(
      selectCalendars,
      incoming.calendars.map(({ state }) => state.id),
    ),
    exceptions: find<ProjectedException>(
      selectExceptions,
      incoming.exceptions.map(({ state }) => state.id),
    ),
  });
}

/** Writes whole records. The caller opens the transaction. */
function prepareRecordWriter(db: ReportsDrizzle): (records: ReadModelRecords) => void {
  const upsertRule = prepareUpsert(db, rules, [rules.id]);
  const upsertOpening = prepareUpsert(db, openings, [openings.userId, openings.name]);
  const upsertInterval = prepareUpsert(db, intervals, [
    intervals.openingId,
    intervals.signal,
    intervals.startId,
  ]);
  // As `takeLatest` merges it: to read the stored rows before would take longer than to write these.
  const upsertHeardInstant = db.$client.prepare<
    [openingId: number, at: number, isHeard: number, position: number]
  >(
    `insert into heard_instants (opening_id, at, is_heard, changed_position) values (?, ?, ?, ?)
     on conflict (opening_id, at) do update set is_heard = excluded.is_heard, changed_position = excluded.changed_position
     where excluded.changed_position > heard_instants.changed_position`,
  );
  const upsertAlarm = prepareUpsert(db, alarms, [alarms.id]);
  // Entries do not change: `findStored` need not read them.
  const upsertTimelineEntry = prepareUpsert(db, alarmTimeline, [
    alarmTimeline.alarmId,
    alarmTimeline.version,
  ]);
  const upsertDevice = prepareUpsert(db, devices, [devices.id]);
  const upsertCalendar = prepareUpsert(db, calendars, [calendars.id]);
  const upsertException = prepareUpsert(db, exceptions, [exceptions.id]);
  // Drizzle interprets its prepared statements each time that they run. These run once for each record.
  const insertUser = db.$client.prepare(
    db
      .insert(users)
      .values({ id: sql.placeholder('id') })
      .onConflictDoNothing()
      .toSQL().sql,
  );
  const selectOpeningId = db.$client
    .prepare<[userId: string, name: string], number>(
      db
        .select({ id: openings.id })
        .from(openings)
        .where(
          and(eq(openings.userId, sql.placeholder('userId')), eq(openings.name, sql.placeholder('name'))),
        )
        .toSQL().sql,
    )
    .pluck();

  const findOpeningId = (userId: string, name: string): number => {
    const id = selectOpeningId.get(userId, name);
    if (id === undefined)
      throw new Error(`User ${userId} has no opening ${name}; write openings before what belongs to them.`);
    return id;
  };

  /** Creates a function that finds the number of the opening of each record, in one transaction. */
  const createOpeningIds = () => {
    const ids = new Map<string, Map<string, number>>();
    return ({ userId, opening }: { readonly userId: string; readonly opening: string }): number => {
      let ofUser = ids.get(userId);
      if (!ofUser) ids.set(userId, (ofUser = new Map<string, number>()));
      let id = ofUser.get(opening);
      if (id === undefined) ofUser.set(opening, (id = findOpeningId(userId, opening)));
      return id;
    };
  };

  return (records) => {
    for (const { state, ...positions } of records.rules) {
      upsertRule({ ...state, ...positions, searchName: foldTextForSearch(state.name) });
    }
    for (const opening of records.openings) upsertOpening(opening);
    for (const id of getKnownUserIds(records)) insertUser.run(id);
    const getOpeningId = createOpeningIds();
    for (const interval of records.intervals)
      upsertInterval({ ...interval, openingId: getOpeningId(interval) });
    for (const heard of records.heardInstants)
      upsertHeardInstant.run(getOpeningId(heard), heard.at, heard.isHeard ? 1 : 0, heard.changedPosition);
    for (const { state, ...change } of records.alarms)
      upsertAlarm({ ...state, ...change, queueRank: getQueueRank(state) });
    for (const entry of records.alarmTimeline) upsertTimelineEntry(entry);
    for (const { state, createdPosition } of records.devices) upsertDevice({ ...state, createdPosition });
    for (const { state, changedPosition } of records.calendars) upsertCalendar({ ...state, changedPosition });
    for (const { state, changedPosition } of records.exceptions) {
      upsertException({ ...state, changedPosition, endsAt: getExceptionEnd(state) });
    }
  };
}

/**
 * Prepares a statement that inserts a whole row, or overwrites the stored one except for its primary key.
 * Drizzle's own prepared statements interpret the query each time that they run, which costs more than SQLite's work.
 * @param target the columns that identify a row
 */
function prepareUpsert<Table extends SQLiteTable>(
  db: ReportsDrizzle,
  table: Table,
  target: IndexColumn[],
): (row: Table['$inferInsert']) => void {
  const columns = Object.entries<Column>(getTableColumns(table));
  const placeholders = Object.fromEntries(columns.map(([key]) => [key, sql.placeholder(key)]));
  const overwrites = Object.fromEntries(
    columns
      .filter(([, { primary }]) => !primary)
      .map(([key, { name }]) => [key, sql`excluded.${sql.identifier(name)}`]),
  );
  const { sql: text, params } = db
    .insert(table)
    .values(placeholders as Table['$inferInsert'])
    .onConflictDoUpdate({ target, set: overwrites as Table['$inferInsert'] })
    .toSQL();
  const parameters = params.map((param) => {
    if (!is(param, Param) || !is(param.value, Placeholder)) throw new Error(`No placeholder in: ${text}`);
    return { key: param.value.name, encoder: param.encoder };
  });
  const statement = db.$client.prepare(text);
  return (row) => {
    const values = row as Readonly<Record<string, unknown>>;
    statement.run(
      parameters.map(({ key, encoder }) => {
        const value = values[key] ?? null;
        // Encoders of booleans and of JSON would write another value.
        return value === null ? null : encoder.mapToDriverValue(value);
      }),
    );
  };
}
