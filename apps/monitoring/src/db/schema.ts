import {
  alarmStateSchema,
  ruleConditionsSchema,
  ruleStateSchema,
  type Actor,
  type AlarmState,
  type OpeningState,
  type RuleState,
} from '@seguridad-abc/contracts';
import { createSqliteColumns } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** The present state of each rule, deleted ones too. */
export const rules = sqliteTable(
  'rules',
  {
    ...createSqliteColumns(ruleStateSchema),
    id: text().primaryKey(),
  },
  (table) => [
    uniqueIndex('rules_name')
      .on(table.userId, table.opening, table.name)
      .where(sql`${table.deletedAt} is null`),
  ],
);

/** The event log: the truth, and the outbox of the relay. Written in the transaction that writes the state. */
export const events = sqliteTable('events', {
  /** Without gaps: a transaction rolled back takes its positions back too. */
  position: integer().primaryKey({ autoIncrement: true }),
  type: text().notNull(),
  version: integer().notNull(),
  at: text().notNull(),
  /** Who caused it; null where nobody did, or was not known then. */
  actor: text({ mode: 'json' }).$type<Actor>(),
  data: text({ mode: 'json' }).notNull(),
});

/** One row: which log this is. */
export const log = sqliteTable('log', {
  id: text().primaryKey(),
});

/** Idempotency keys, with the answer that each was first given. Written in the transaction of the command. */
export const commandKeys = sqliteTable(
  'command_keys',
  {
    caller: text().notNull(),
    key: text().notNull(),
    /** Of the command and its input. */
    fingerprint: text().notNull(),
    answer: text({ mode: 'json' }).$type<RuleState | AlarmState>().notNull(),
    at: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.caller, table.key] }), index('command_keys_at').on(table.at)],
);

// ---- what is watched. Instants that are compared and counted with are milliseconds since 1970 here.

/** What has a state of its own, by its first reading or rule. */
export const openings = sqliteTable(
  'openings',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    userId: text('user_id').notNull(),
    name: text().notNull(),
    /** Null while no reading has taken effect. */
    state: text().$type<OpeningState>(),
    since: integer(),
  },
  (table) => [uniqueIndex('openings_name').on(table.userId, table.name)],
);

/** Every accepted reading. A table without row ids (in its migration): it lies in the order in which it is read. */
export const readings = sqliteTable(
  'readings',
  {
    openingId: integer('opening_id').notNull(),
    /** Its state. */
    open: integer({ mode: 'boolean' }).notNull(),
    at: integer().notNull(),
    id: text().notNull(),
    /** False while it is ahead of the clock. */
    effective: integer({ mode: 'boolean' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.openingId, table.open, table.at, table.id] }),
    uniqueIndex('readings_id').on(table.openingId, table.id),
    index('readings_early')
      .on(table.at)
      .where(sql`not ${table.effective}`),
  ],
);

/** What the effective readings come to. Without row ids too. */
export const intervals = sqliteTable(
  'intervals',
  {
    openingId: integer('opening_id').notNull(),
    startedAt: integer('started_at').notNull(),
    startId: text('start_id').notNull(),
    /** Null while it is open. */
    endedAt: integer('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.openingId, table.startedAt] })],
);

/** What each rule says from when until when. Where it is disabled or deleted, it says nothing: there is no row. */
export const ruleVersions = sqliteTable(
  'rule_versions',
  {
    ruleId: text('rule_id').notNull(),
    openingId: integer('opening_id').notNull(),
    validFrom: integer('valid_from').notNull(),
    /** `ENDLESS` while it is the present one. */
    validUntil: integer('valid_until').notNull(),
    ...createSqliteColumns(ruleConditionsSchema),
  },
  (table) => [
    primaryKey({ columns: [table.ruleId, table.validFrom] }),
    index('rule_versions_opening').on(table.openingId, table.validUntil),
  ],
);

export const alarms = sqliteTable(
  'alarms',
  {
    ...createSqliteColumns(alarmStateSchema),
    id: text().primaryKey(),
    openingId: integer('opening_id').notNull(),
    /** The reading that starts its interval. */
    startId: text('start_id').notNull(),
    /** Why it was raised. */
    cause: text().notNull(),
  },
  (table) => [index('alarms_interval').on(table.openingId, table.startId)],
);

/** For each open opening and rule, when to judge it again without a further reading: 0 is at once. */
export const timers = sqliteTable(
  'timers',
  {
    openingId: integer('opening_id').notNull(),
    ruleId: text('rule_id').notNull(),
    due: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.openingId, table.ruleId] }), index('timers_due').on(table.due)],
);

/** Rules that have not judged all of the record yet. */
export const catchUps = sqliteTable('catch_ups', {
  ruleId: text('rule_id').primaryKey(),
  openingId: integer('opening_id').notNull(),
  /** The intervals that start from here on are to be judged. */
  nextStart: integer('next_start').notNull(),
});

/** One row: the zone data by which the timers were set. */
export const zoneData = sqliteTable('zone_data', {
  version: text().primaryKey(),
});
