import type { HealthStatus } from '@seguridad-abc/contracts';
import {
  getDialect,
  POSTGRES_TABLE_BUILDERS,
  SQLITE_TABLE_BUILDERS,
  type TableBuilders,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { pgSchema } from 'drizzle-orm/pg-core';
import type { SavedServiceHealth } from '../domain/health-state.js';

/**
 * Defines the tables of the health history. One definition makes the tables of SQLite and those of PostgreSQL.
 * @param builders of one dialect
 */
export const defineTables = ({
  dialect,
  createTable,
  text,
  integer,
  boolean,
  json,
  generatedId,
  index,
  uniqueIndex,
}: TableBuilders) => {
  /** Status changes in recorded order. `at` is in milliseconds since 1970. */
  const transitions = createTable(
    'transitions',
    {
      id: generatedId(),
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
    ({ id, service, term, number }) => [
      // It returns a service's transitions in order: SQLite appends the row id to every index.
      dialect.name === 'sqlite'
        ? index('transitions_of_service').on(service)
        : index('transitions_of_service').on(service, id),
      uniqueIndex('published_transitions')
        .on(term, number)
        .where(sql`term > 0`),
    ],
  );

  /** One row: the saved health of the monitor. Written in the same transaction as the transitions. */
  const savedHealth = createTable('watch', {
    id: integer().primaryKey(),
    /** Milliseconds since 1970. */
    aliveAt: integer('alive_at').notNull(),
    services: json().$type<readonly SavedServiceHealth[]>().notNull(),
    term: integer().notNull().default(0),
    lastTransition: text('last_transition'),
  });

  /** The last maintenance command about each service. Times are in milliseconds since 1970. */
  const maintenancePeriods = createTable('maintenance', {
    service: text().primaryKey(),
    reason: text().notNull(),
    since: integer().notNull(),
    until: integer(),
    revision: integer().notNull().default(1),
    isEnded: boolean('is_ended').notNull().default(false),
  });

  return { transitions, savedHealth, maintenancePeriods };
};

/** The schema of the tables in PostgreSQL: monitoring may have its tables in the same database. */
export const postgresSchema = pgSchema('heartbeat');

/** Makes tables in the schema of heartbeat. */
export const HEARTBEAT_POSTGRES_BUILDERS: TableBuilders = {
  ...POSTGRES_TABLE_BUILDERS,
  createTable: postgresSchema.table as unknown as TableBuilders['createTable'],
};

export type HeartbeatTables = ReturnType<typeof defineTables>;

const SQLITE_TABLES = defineTables(SQLITE_TABLE_BUILDERS);
const POSTGRES_TABLES = defineTables(HEARTBEAT_POSTGRES_BUILDERS);

/** The tables of the database that `db` is connected to. */
export const getTables = (db: object): HeartbeatTables =>
  getDialect(db).name === 'sqlite' ? SQLITE_TABLES : POSTGRES_TABLES;
