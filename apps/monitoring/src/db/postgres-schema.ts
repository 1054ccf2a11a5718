import { POSTGRES_TABLE_BUILDERS } from '@seguridad-abc/platform';
import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { defineTables } from './schema.js';

/** The tables of PostgreSQL by their names, for drizzle-kit. */
export const {
  rules,
  calendars,
  calendarVersions,
  openingExceptions,
  devices,
  events,
  snapshotEntries,
  logHorizon,
  eventLogIdentity,
  formerEpochs,
  idempotencyKeyRows,
  openings,
  readings,
  intervals,
  unevaluatedEpisodes,
  ruleVersions,
  alarms,
  pendingAlarms,
  reevaluationJobs,
  timeZoneDataVersion,
  auditEntries,
  auditPruning,
  erasures,
  erasedOpenings,
} = defineTables(POSTGRES_TABLE_BUILDERS);

/**
 * Where each log ends: a row for `events`, and one for `audit_entries`. A transaction that appends locks the rows until its commit,
 * so positions follow the order of the commits.
 */
export const logHeads = pgTable('log_heads', {
  name: text().primaryKey(),
  /** The last position; 0 in an empty log. */
  position: bigint({ mode: 'number' }).notNull(),
  /** The instant of the last entry, which a later one does not precede. Only of the audit trail. */
  at: text(),
  /** The hash of the last entry. Only of the audit trail. */
  hash: text(),
});

/** Which process does the work that only one may do. */
export const leases = pgTable('leases', {
  name: text().primaryKey(),
  /** What identifies the process. */
  holder: text().notNull(),
  /** Grows with each new holder. A transaction of the holder fails once the number is another one. */
  token: bigint({ mode: 'number' }).notNull(),
  /** By the clock of the database. */
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});
