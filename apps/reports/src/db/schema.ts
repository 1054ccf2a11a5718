import {
  alarmStateSchema,
  calendarStateSchema,
  deviceStateSchema,
  openingExceptionStateSchema,
  ruleStateSchema,
  type Actor,
  type AlarmChangeKind,
  type AlarmResolutionCode,
  type AlarmStatus,
  type OpeningState,
  type Signal,
} from '@seguridad-abc/contracts';
import type { AlarmTimelineKind } from '../domain/read-model.js';
import { createSqliteColumns } from '@seguridad-abc/platform/storage';
import { getTableColumns, sql } from 'drizzle-orm';
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
  type SQLiteTable,
} from 'drizzle-orm/sqlite-core';

/** The current state of each rule. Deleted rules remain, because alarms and other subgraphs refer to them. */
export const rules = sqliteTable(
  'rules',
  {
    ...createSqliteColumns(ruleStateSchema),
    id: text().primaryKey(),
    /** The name, folded with `foldTextForSearch`, for searching. */
    searchName: text('search_name').notNull(),
    /** The log position of the rule's creation. Lists are ordered by it, and cursors hold it. */
    createdPosition: integer('created_position').notNull(),
    /** The log position of the rule's last change; 0 for a change that an earlier software version has projected. */
    changedPosition: integer('changed_position').notNull().default(0),
  },
  (table) => {
    // An index for each way to filter a list, in the order of the list.
    const listed = sql`${table.deletedAt} is null`;
    return [
      index('rules_by_age').on(table.createdPosition).where(listed),
      index('rules_of_user').on(table.userId, table.createdPosition).where(listed),
      index('rules_of_user_opening').on(table.userId, table.opening, table.createdPosition).where(listed),
      index('rules_of_opening').on(table.opening, table.createdPosition).where(listed),
      // Few rules are disabled. Enabled ones are found with `rules_by_age`.
      index('rules_disabled')
        .on(table.createdPosition)
        .where(sql`${listed} and ${table.enabled} = 0`),
      // For `findChangesSince`.
      index('rules_by_change').on(table.changedPosition),
      index('rules_of_user_by_change').on(table.userId, table.changedPosition),
    ];
  },
);

/** The openings of users. The first reading or the first rule of an opening makes it known. */
export const openings = sqliteTable(
  'openings',
  {
    /** A short key for the many rows of `intervals` and `heard_instants`. It means nothing outside this database. */
    id: integer().primaryKey(),
    userId: text('user_id').notNull(),
    name: text().notNull(),
    state: text().$type<OpeningState>(),
    since: text(),
    tampered: integer({ mode: 'boolean' }),
    batteryLow: integer('battery_low', { mode: 'boolean' }),
    /** The log position of the last event that carried the state; 0 before the first. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [uniqueIndex('openings_of_user').on(table.userId, table.name)],
);

/** The intervals of openings. Those of one opening and signal do not overlap. */
export const intervals = sqliteTable(
  'intervals',
  {
    openingId: integer('opening_id').notNull(),
    signal: text().$type<Signal>().notNull(),
    startId: text('start_id').notNull(),
    /** Null: a later event removed the interval. */
    startedAt: text('started_at'),
    endedAt: text('ended_at'),
    /** The log position of the last event about the interval. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.openingId, table.signal, table.startId] }),
    index('intervals_by_start').on(table.openingId, table.signal, table.startedAt),
  ],
);

/**
 * The instants at which openings were heard. There is one for almost every reading, so the table has no rowid (see its migration):
 * the primary key is the table.
 */
export const heardInstants = sqliteTable(
  'heard_instants',
  {
    openingId: integer('opening_id').notNull(),
    /** In ms since 1970. */
    at: integer().notNull(),
    /** 0: all readings of the instant were withdrawn. */
    isHeard: integer('is_heard', { mode: 'boolean' }).notNull(),
    /** The log position of the last event about the instant. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [primaryKey({ columns: [table.openingId, table.at] })],
);

/** The current state of each alarm, with its last change. */
export const alarms = sqliteTable(
  'alarms',
  {
    ...createSqliteColumns(alarmStateSchema),
    id: text().primaryKey(),
    /** The kind of change that produced this state. */
    change: text().$type<AlarmChangeKind>().notNull(),
    /** The log position of that change. */
    changedPosition: integer('changed_position').notNull(),
    /** `getQueueRank`: 0 for CRITICAL alarms. Null: the alarm is not in the queue. */
    queueRank: integer('queue_rank'),
  },
  (table) => {
    // An index for each way to filter a list, in the order of the list. Lists that are counted by status have it in the
    // index, so that counting reads the index alone.
    const { raisedAt, id, status } = table;
    const queued = sql`${table.queueRank} is not null`;
    return [
      index('alarms_by_raising').on(raisedAt, id, status),
      index('alarms_of_user').on(table.userId, raisedAt, id, status),
      index('alarms_of_user_opening').on(table.userId, table.opening, raisedAt, id, status),
      index('alarms_of_opening').on(table.opening, raisedAt, id, status),
      index('alarms_of_rule').on(table.ruleId, raisedAt, id, status),
      index('alarms_of_kind').on(table.kind, raisedAt, id),
      index('alarms_of_severity').on(table.severity, raisedAt, id),
      index('alarms_acknowledged')
        .on(raisedAt, id)
        .where(sql`${table.acknowledgedAt} is not null`),
      index('alarms_unacknowledged')
        .on(raisedAt, id)
        .where(sql`${table.acknowledgedAt} is null`),
      // Few alarms are active or retracted. Cleared ones are found with the general indexes.
      index('alarms_active')
        .on(raisedAt, id)
        .where(sql`${status} = 'ACTIVE'`),
      index('alarms_active_of_user')
        .on(table.userId, raisedAt, id)
        .where(sql`${status} = 'ACTIVE'`),
      index('alarms_retracted')
        .on(raisedAt, id)
        .where(sql`${status} = 'RETRACTED'`),
      // The queue, in its order. Resolved and retracted alarms are not in it.
      index('alarms_queued').on(table.queueRank, raisedAt, id).where(queued),
      index('alarms_queued_of_user')
        .on(table.userId, table.queueRank, raisedAt, id, table.claimedBy)
        .where(queued),
      index('alarms_queued_by_claim').on(table.claimedBy, table.queueRank, raisedAt, id).where(queued),
      // For `findChangesSince`.
      index('alarms_by_change').on(table.changedPosition),
      index('alarms_of_user_by_change').on(table.userId, table.changedPosition),
    ];
  },
);

/** What has happened to each alarm. */
export const alarmTimeline = sqliteTable(
  'alarm_timeline',
  {
    /** It means nothing outside this database. */
    id: integer().primaryKey(),
    alarmId: text('alarm_id').notNull(),
    version: integer().notNull(),
    kind: text().$type<AlarmTimelineKind>().notNull(),
    at: text().notNull(),
    by: text(),
    status: text().$type<AlarmStatus>().notNull(),
    text: text(),
    code: text().$type<AlarmResolutionCode>(),
    /** When the alarm had ended by then. Null: it was active. */
    endedAt: text('ended_at'),
    /** The log position of the event. */
    position: integer().notNull(),
  },
  (table) => [uniqueIndex('alarm_timeline_of_alarm').on(table.alarmId, table.version)],
);

/** The current state of each device. */
export const devices = sqliteTable(
  'devices',
  {
    ...createSqliteColumns(deviceStateSchema),
    id: text().primaryKey(),
    /** The log position of the device's registration. Lists are ordered by it. */
    createdPosition: integer('created_position').notNull(),
  },
  (table) => [
    index('devices_of_user')
      .on(table.userId, table.createdPosition)
      .where(sql`${table.revokedAt} is null`),
    index('devices_revoked_of_user')
      .on(table.userId, table.createdPosition)
      .where(sql`${table.revokedAt} is not null`),
  ],
);

/** The current state of each calendar. Deleted ones remain, because deleted rules refer to them. */
export const calendars = sqliteTable(
  'calendars',
  {
    ...createSqliteColumns(calendarStateSchema),
    id: text().primaryKey(),
    /** The log position of the event that carried the state. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [
    index('calendars_of_user')
      .on(table.userId, table.createdAt, table.id)
      .where(sql`${table.deletedAt} is null`),
  ],
);

/** The current state of each exception, also of those that are over. */
export const exceptions = sqliteTable(
  'exceptions',
  {
    ...createSqliteColumns(openingExceptionStateSchema),
    id: text().primaryKey(),
    /** The instant at which it ends, or has ended because it was cancelled. Lists are ordered by it. */
    endsAt: text('ends_at').notNull(),
    /** The log position of the event that carried the state. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [index('exceptions_of_user').on(table.userId, table.endsAt, table.id)],
);

/** Users that have had a rule, a reading, a device, a calendar or an exception. */
export const users = sqliteTable('users', {
  id: text().primaryKey(),
});

/** One row: the checkpoint. Each transaction writes it together with the records up to that position. */
export const checkpoint = sqliteTable('checkpoint', {
  id: integer().primaryKey(),
  logId: text('log_id'),
  position: integer().notNull(),
  /** The mark of the entry at the position. Null if it has none. */
  mark: text(),
});

/** At most one row: how far history is removed, as the last `HistoryRemoved` says. */
export const historyHorizon = sqliteTable('history_horizon', {
  /** Always 1. */
  id: integer().primaryKey(),
  /** What ended before this instant is removed. */
  before: text().notNull(),
  /** The log is compacted up to this position. */
  position: integer().notNull(),
});

/** Log entries that are not in the read model: this version could not read them, or their projection failed. */
export const setAsideEntries = sqliteTable('set_aside', {
  position: integer().primaryKey(),
  logId: text('log_id').notNull(),
  type: text().notNull(),
  version: integer().notNull(),
  at: text().notNull(),
  actor: text({ mode: 'json' }).$type<Actor>(),
  data: text({ mode: 'json' }),
  reason: text().notNull(),
  /** How often the projection failed. Null: the software version could not read the entry. */
  attempts: integer(),
  setAsideAt: text('set_aside_at'),
});

/** The columns of `table` under the given keys. */
function pickColumns<Table extends SQLiteTable, Key extends string & keyof Table['_']['columns']>(
  table: Table,
  keys: readonly Key[],
) {
  const columns: Table['_']['columns'] = getTableColumns(table);
  return Object.fromEntries(keys.map((key) => [key, columns[key]])) as Pick<Table['_']['columns'], Key>;
}

/** The columns that `select` reads as a `ProjectedRule`. */
export const projectedRuleColumns = {
  state: pickColumns(rules, ruleStateSchema.keyof().options),
  createdPosition: rules.createdPosition,
  changedPosition: rules.changedPosition,
};

/** The columns that `select` reads as a `ProjectedDevice`. */
export const projectedDeviceColumns = {
  state: pickColumns(devices, deviceStateSchema.keyof().options),
  createdPosition: devices.createdPosition,
};

/** The columns that `select` reads as a `ProjectedCalendar`. */
export const projectedCalendarColumns = {
  state: pickColumns(calendars, calendarStateSchema.keyof().options),
  changedPosition: calendars.changedPosition,
};

/** The columns that `select` reads as a `CalendarSummary`. */
export const calendarSummaryColumns = pickColumns(
  calendars,
  calendarStateSchema.omit({ dates: true }).keyof().options,
);

/** The columns that `select` reads as a `ProjectedException`. */
export const projectedExceptionColumns = {
  state: pickColumns(exceptions, openingExceptionStateSchema.keyof().options),
  changedPosition: exceptions.changedPosition,
};

/** The columns that `select` reads as a `ProjectedAlarm`. */
export const projectedAlarmColumns = {
  state: pickColumns(alarms, alarmStateSchema.keyof().options),
  change: alarms.change,
  changedPosition: alarms.changedPosition,
};

/** The columns that `select` reads as an `AlarmTimelineEntry`. */
export const alarmTimelineColumns = pickColumns(alarmTimeline, [
  'alarmId',
  'version',
  'kind',
  'at',
  'by',
  'status',
  'text',
  'code',
  'endedAt',
  'position',
]);

/** The columns that `select` reads as a `ProjectedOpeningState`. */
export const projectedOpeningColumns = pickColumns(openings, [
  'userId',
  'name',
  'state',
  'since',
  'tampered',
  'batteryLow',
  'changedPosition',
]);

/** The columns that `select` reads as a `ProjectedInterval`, from `intervals` joined with `openings`. */
export const projectedIntervalColumns = {
  userId: openings.userId,
  opening: openings.name,
  ...pickColumns(intervals, ['signal', 'startId', 'startedAt', 'endedAt', 'changedPosition']),
};
