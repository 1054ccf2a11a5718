import { POSTGRES_TABLE_BUILDERS } from '@seguridad-abc/platform';
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
  summarySenders,
  erasures,
  erasedOpenings,
} = defineTables(POSTGRES_TABLE_BUILDERS);

const { createTable, integer, text, index } = POSTGRES_TABLE_BUILDERS;

/**
 * One row: where the event log and the audit trail end. A transaction that appends locks the row until its commit, so positions follow
 * the order of the commits. It also shows whether the last entries of the audit trail were removed.
 */
export const logHead = createTable('log_head', {
  /** Always 1. */
  id: integer().primaryKey(),
  /** The position of the last event; 0 in an empty log. */
  position: integer().notNull(),
  /** The sequence number of the last audit entry; 0 without entries. */
  auditSequence: integer('audit_sequence').notNull(),
  /** The instant of the last audit entry, which a later one does not precede. */
  auditAt: text('audit_at'),
  /** The hash of the last audit entry. */
  auditHash: text('audit_hash'),
});

/** Which process does the work that only one may do. */
export const leases = createTable('leases', {
  name: text().primaryKey(),
  /** What identifies the process. */
  holder: text().notNull(),
  /** Grows with each new holder. A transaction of the holder fails once the number is another one. */
  token: integer().notNull(),
  /** By the clock of the database, in milliseconds since 1970. */
  expiresAt: integer('expires_at').notNull(),
});

/** The commands of all instances that have stored some of their readings of an opening, and not evaluated all their effects yet. */
export const partialCommands = createTable(
  'partial_commands',
  {
    id: text().primaryKey(),
    /** What identifies the process. */
    instance: text().notNull(),
    openingId: integer('opening_id').notNull(),
    /** The instant of its earliest remaining reading of the opening; null if none is left. */
    nextAt: integer('next_at'),
    /** When its last transaction began, by the clock of the database in milliseconds since 1970. */
    notedAt: integer('noted_at').notNull(),
  },
  (table) => [index('partial_commands_opening').on(table.openingId)],
);

/** At most one row: what the watch of the storage writes to learn whether it can be written. */
export const storageProbe = createTable('storage_probe', {
  /** Always 1. */
  id: integer().primaryKey(),
  /** In milliseconds since 1970, by the clock of the database. */
  at: integer().notNull(),
});
