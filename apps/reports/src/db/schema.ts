import {
  alarmStateSchema,
  ruleStateSchema,
  type Actor,
  type AlarmChangeKind,
  type OpeningState,
} from '@seguridad-abc/contracts';
import { createSqliteColumns } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** The present state of each rule, deleted ones too: they stay entities. */
export const rules = sqliteTable(
  'rules',
  {
    ...createSqliteColumns(ruleStateSchema),
    id: text().primaryKey(),
    /** The name as it is searched (domain/search-text). */
    searchName: text('search_name').notNull(),
    /** The log position of its beginning: the order of every list, and what cursors hold. */
    createdPosition: integer('created_position').notNull(),
  },
  (table) => {
    // One for each way in which lists are filtered, each in the order of the lists.
    const listed = sql`${table.deletedAt} is null`;
    return [
      index('rules_by_age').on(table.createdPosition).where(listed),
      index('rules_of_user').on(table.userId, table.createdPosition).where(listed),
      index('rules_of_user_opening').on(table.userId, table.opening, table.createdPosition).where(listed),
      index('rules_of_opening').on(table.opening, table.createdPosition).where(listed),
      // Few are disabled: the others are found by age.
      index('rules_disabled')
        .on(table.createdPosition)
        .where(sql`${listed} and ${table.enabled} = 0`),
    ];
  },
);

/** The openings of users, each by its first reading or its first rule. */
export const openings = sqliteTable(
  'openings',
  {
    /** Of this read model alone: short, for the many rows of `intervals`. */
    id: integer().primaryKey(),
    userId: text('user_id').notNull(),
    name: text().notNull(),
    state: text().$type<OpeningState>(),
    since: text(),
    /** The log position of the last event that told its state, 0 while none did. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [uniqueIndex('openings_of_user').on(table.userId, table.name)],
);

/** When openings were open. Those of one opening do not overlap. */
export const intervals = sqliteTable(
  'intervals',
  {
    openingId: integer('opening_id').notNull(),
    startId: text('start_id').notNull(),
    /** Null: it is no interval any more. */
    startedAt: text('started_at'),
    endedAt: text('ended_at'),
    /** The log position of the last event that told of it. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.openingId, table.startId] }),
    index('intervals_by_start').on(table.openingId, table.startedAt),
  ],
);

/** The present state of each alarm, and what came to it last. */
export const alarms = sqliteTable(
  'alarms',
  {
    ...createSqliteColumns(alarmStateSchema),
    id: text().primaryKey(),
    /** What made this version. */
    change: text().$type<AlarmChangeKind>().notNull(),
    /** The log position of that. */
    changedPosition: integer('changed_position').notNull(),
  },
  (table) => {
    // One for each way in which lists are filtered, each in the order of the lists. Where a list is counted by status,
    // that stands in the index too.
    const { raisedAt, id, status } = table;
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
      // Few are active, and few retracted: the others are found by raising.
      index('alarms_active')
        .on(raisedAt, id)
        .where(sql`${status} = 'ACTIVE'`),
      index('alarms_active_of_user')
        .on(table.userId, raisedAt, id)
        .where(sql`${status} = 'ACTIVE'`),
      index('alarms_retracted')
        .on(raisedAt, id)
        .where(sql`${status} = 'RETRACTED'`),
      // What has changed since a position.
      index('alarms_by_change').on(table.changedPosition),
      index('alarms_of_user_by_change').on(table.userId, table.changedPosition),
    ];
  },
);

/** Users that have had a rule or a reading. */
export const users = sqliteTable('users', {
  id: text().primaryKey(),
});

/** One row: how far this read model holds which log. Written with what it tells of, in one transaction. */
export const checkpoint = sqliteTable('checkpoint', {
  id: integer().primaryKey(),
  logId: text('log_id'),
  position: integer().notNull(),
});

/** Log entries that the software of the time did not understand, for one that does. */
export const setAside = sqliteTable('set_aside', {
  position: integer().primaryKey(),
  logId: text('log_id').notNull(),
  type: text().notNull(),
  version: integer().notNull(),
  at: text().notNull(),
  actor: text({ mode: 'json' }).$type<Actor>(),
  data: text({ mode: 'json' }),
  reason: text().notNull(),
});
