import type { Actor, RuleState, Severity, Weekday } from '@seguridad-abc/contracts';
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** The present state of each rule, deleted ones too. */
export const rules = sqliteTable(
  'rules',
  {
    id: text().primaryKey(),
    userId: text('user_id').notNull(),
    name: text().notNull(),
    opening: text().notNull(),
    opensAt: text('opens_at'),
    closesAt: text('closes_at'),
    days: text({ mode: 'json' }).$type<Weekday[]>().notNull(),
    timeZone: text('time_zone').notNull(),
    maxOpenSeconds: integer('max_open_seconds'),
    severity: text().$type<Severity>().notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    effectiveFrom: text('effective_from').notNull(),
    createdAt: text('created_at').notNull(),
    updatedAt: text('updated_at').notNull(),
    deletedAt: text('deleted_at'),
    version: integer().notNull(),
  },
  (table) => [
    uniqueIndex('rules_name')
      .on(table.userId, table.opening, table.name)
      .where(sql`${table.deletedAt} is null`),
  ],
);

/** The event log: the truth, and the outbox of the relay. Written in the transaction that writes the state. */
export const events = sqliteTable(
  'events',
  {
    /** Without gaps: a transaction rolled back takes its positions back too. */
    position: integer().primaryKey({ autoIncrement: true }),
    type: text().notNull(),
    version: integer().notNull(),
    at: text().notNull(),
    ruleId: text('rule_id').notNull(),
    /** Who caused it; null where nobody did, or was not known then. */
    actor: text({ mode: 'json' }).$type<Actor>(),
    data: text({ mode: 'json' }).notNull(),
  },
  (table) => [index('events_rule').on(table.ruleId)],
);

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
    answer: text({ mode: 'json' }).$type<RuleState>().notNull(),
    at: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.caller, table.key] }), index('command_keys_at').on(table.at)],
);
