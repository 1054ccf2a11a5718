import { SQLITE_TABLE_BUILDERS } from '@seguridad-abc/platform';
import { defineTables } from './schema.js';

/** The tables of SQLite by their names: for drizzle-kit, and for what exists only on SQLite. */
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
} = defineTables(SQLITE_TABLE_BUILDERS);
