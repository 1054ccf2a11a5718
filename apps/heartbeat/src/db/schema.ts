import type { HealthStatus } from '@seguridad-abc/contracts';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
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
  },
  // SQLite appends the row id to every index, so this one returns a service's transitions in order.
  ({ service }) => [index('transitions_of_service').on(service)],
);

/** One row: the saved health of the monitor. Written in the same transaction as the transitions. */
export const savedHealth = sqliteTable('watch', {
  id: integer().primaryKey(),
  /** Milliseconds since 1970. */
  aliveAt: integer('alive_at').notNull(),
  services: text({ mode: 'json' }).$type<readonly SavedServiceHealth[]>().notNull(),
});

/** Current maintenance periods, one row for each service. Times are in milliseconds since 1970. */
export const maintenancePeriods = sqliteTable('maintenance', {
  service: text().primaryKey(),
  reason: text().notNull(),
  since: integer().notNull(),
  until: integer(),
});
