import type { Actor, Severity, Weekday } from '@seguridad-abc/contracts';
import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** The present state of each rule, deleted ones too: they stay entities. */
export const rules = sqliteTable(
  'rules',
  {
    id: text().primaryKey(),
    userId: text('user_id').notNull(),
    name: text().notNull(),
    /** The name as it is searched (domain/search-text). */
    searchName: text('search_name').notNull(),
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

/** Users that have had a rule. */
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
