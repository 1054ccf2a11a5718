import type { HealthStatus } from '@seguridad-abc/contracts';
import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { SavedServiceHealth } from '../domain/health-state.js';

/** Status changes in recorded order. `at` is in milliseconds since 1970. */
export const transitions = sqliteTable(
  'transitions',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    service: text().notNull(),
    from: text().$type<HealthStatus>().notNull(),
    to: text().$type<HealthStatus>().notNull(),
    at: integer().notNull(),
    reason: text().notNull(),
    /** The term in which it was published. 0 if older software has stored it. */
    term: integer().notNull().default(0),
    /** Counts from 1 in each term. */
    number: integer().notNull().default(0),
  },
  ({ service, term, number }) => [
    // SQLite appends the row id to every index, so this one returns a service's transitions in order.
    index('transitions_of_service').on(service),
    uniqueIndex('published_transitions')
      .on(term, number)
      .where(sql`term > 0`),
  ],
);

/** One row: the saved health of the monitor. Written in the same transaction as the transitions. */
export const savedHealth = sqliteTable('watch', {
  id: integer().primaryKey(),
  /** Milliseconds since 1970. */
  aliveAt: integer('alive_at').notNull(),
  services: text({ mode: 'json' }).$type<readonly SavedServiceHealth[]>().notNull(),
  term: integer().notNull().default(0),
  lastTransition: text('last_transition'),
});

/** The last maintenance command about each service. Times are in milliseconds since 1970. */
export const maintenancePeriods = sqliteTable('maintenance', {
  service: text().primaryKey(),
  reason: text().notNull(),
  since: integer().notNull(),
  until: integer(),
  revision: integer().notNull().default(1),
  isEnded: integer('is_ended', { mode: 'boolean' }).notNull().default(false),
});
