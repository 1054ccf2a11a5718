import type { HealthStatus } from '@seguridad-abc/contracts';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { RememberedService } from '../domain/memory.js';

/** What became of which service, in the order in which it was seen. Instants are milliseconds since 1970. */
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
  // Every index of SQLite ends with the row's id: of a service, in order.
  ({ service }) => [index('transitions_of_service').on(service)],
);

/** One row: until when the monitor watched, and what it knew then. Written with the transitions, in one transaction. */
export const watch = sqliteTable('watch', {
  id: integer().primaryKey(),
  aliveAt: integer('alive_at').notNull(),
  services: text({ mode: 'json' }).$type<readonly RememberedService[]>().notNull(),
});

/** What an operator has taken out of service. */
export const maintenance = sqliteTable('maintenance', {
  service: text().primaryKey(),
  reason: text().notNull(),
  since: integer().notNull(),
  until: integer(),
});
