import {
  alarmStateSchema,
  calendarStateSchema,
  deviceStateSchema,
  openingExceptionStateSchema,
  ruleConditionsSchema,
  ruleStateSchema,
  type Actor,
  type CalendarDate,
  type ChangedFields,
  type OpeningState,
  type Role,
  type Signal,
} from '@seguridad-abc/contracts';
import {
  getDialect,
  POSTGRES_TABLE_BUILDERS,
  SQLITE_TABLE_BUILDERS,
  type TableBuilders,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import type { EpisodeSubject } from '../domain/episode.js';

/**
 * Defines the tables of the monitoring database. One definition makes the tables of SQLite and those of PostgreSQL.
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
  logPosition,
  columns,
  primaryKey,
  index,
  uniqueIndex,
}: TableBuilders) => {
  /** The current state of each rule. Deleted rules stay, with `deletedAt`. */
  const rules = createTable(
    'rules',
    {
      ...columns(ruleStateSchema),
      id: text().primaryKey(),
    },
    (table) => [
      uniqueIndex('rules_name')
        .on(table.userId, table.opening, table.name)
        .where(sql`${table.deletedAt} is null`),
      // For the erasure of a user, which finds deleted rules too.
      index('rules_user').on(table.userId),
      index('rules_calendar')
        .on(table.calendarId)
        .where(sql`${table.calendarId} is not null and ${table.deletedAt} is null`),
    ],
  );

  /** The current state of each calendar. Deleted calendars stay, with `deletedAt`: former rule versions name them. */
  const calendars = createTable(
    'calendars',
    {
      ...columns(calendarStateSchema),
      id: text().primaryKey(),
    },
    (table) => [
      uniqueIndex('calendars_name')
        .on(table.userId, table.name)
        .where(sql`${table.deletedAt} is null`),
      // For the erasure of a user, which finds deleted calendars too.
      index('calendars_user').on(table.userId),
    ],
  );

  /** The dates of a calendar from an instant on, up to the next row. A change of a calendar is one row, however many rules name it. */
  const calendarVersions = createTable(
    'calendar_versions',
    {
      calendarId: text('calendar_id').notNull(),
      validFrom: integer('valid_from').notNull(),
      /** A hash of `dates`: equal dates are parsed once. */
      digest: text().notNull(),
      // The last column: SQLite reads the others without it.
      dates: json().$type<CalendarDate[]>().notNull(),
    },
    (table) => [primaryKey({ columns: [table.calendarId, table.validFrom] })],
  );

  /** The current state of each exception. Those that have ended stay: late readings are evaluated with them. */
  const openingExceptions = createTable(
    'exceptions',
    {
      ...columns(openingExceptionStateSchema),
      id: text().primaryKey(),
      /** When the exception ends, or has ended: `until`, or `cancelledAt`. In milliseconds since 1970. */
      endsAt: integer('ends_at').notNull(),
    },
    (table) => [index('exceptions_end').on(table.userId, table.endsAt)],
  );

  /** The current state of each device, and its activity. A key is derived from the id, so no key is stored. */
  const devices = createTable(
    'devices',
    {
      ...columns(deviceStateSchema),
      id: text().primaryKey(),
      /** When a request of the device was last received, at most a minute ago or older than stored. Not in the event log. */
      lastSeenAt: text('last_seen_at'),
      /** The signed requests that were received more than once. */
      repeatedRequests: integer('repeated_requests').notNull().default(0),
    },
    (table) => [
      index('devices_of_user')
        .on(table.userId)
        .where(sql`${table.revokedAt} is null`),
    ],
  );

  /** The columns of an entry of the event log and of its snapshot, without its position. */
  const createEntryColumns = () => ({
    type: text().notNull(),
    version: integer().notNull(),
    at: text().notNull(),
    /** `null` if the passing of time caused the event, or if an old version did not store the actor. */
    actor: json().$type<Actor>(),
    data: json().notNull(),
    /** Random, so that an entry that a restore has lost differs from the one that gets its position. Null in old entries. */
    mark: text(),
  });

  /** The outbox: the event log, stored in the transaction that writes the state. A compaction removes the first entries. */
  const events = createTable('events', {
    /** 1, 2, 3, ... without gaps: a rollback also frees the positions. */
    position: logPosition(),
    ...createEntryColumns(),
    /** The trace context of the commit, as the header `traceparent` of W3C. Null without tracing, and in old entries. */
    traceparent: text(),
  });

  /** What a compacted log begins with: the entries that describe the states at the position `snapshot`, at their positions. */
  const snapshotEntries = createTable(
    'log_snapshot',
    {
      /** The position up to which the log is compacted. Other snapshots than that of `log_horizon` are not in use. */
      snapshot: integer().notNull(),
      position: integer().notNull(),
      ...createEntryColumns(),
    },
    (table) => [primaryKey({ columns: [table.snapshot, table.position] })],
  );

  /** At most one row: how far history is removed. */
  const logHorizon = createTable('log_horizon', {
    /** Always 1. */
    id: integer().primaryKey(),
    /** What ended before this instant is removed. */
    before: text().notNull(),
    /** The log is compacted up to this position; 0: it is not. */
    position: integer().notNull(),
    /** The mark of the entry at the position. */
    mark: text(),
    compactedAt: text('compacted_at').notNull(),
  });

  /** One row: the id of the present epoch of the event log. It is created with the database, and replaced by each restore. */
  const eventLogIdentity = createTable('log', {
    id: text().primaryKey(),
    /** `npm run restore` was the last to change the log: the relay replaces the stream that it finds, even of another log. */
    replacesStream: boolean('replaces_stream').notNull().default(false),
    /** The fence with which a relay has claimed the Redis Stream last; null before the first claim. */
    streamFence: text('stream_fence'),
  });

  /** The earlier epochs of the event log. */
  const formerEpochs = createTable('former_epochs', {
    logId: text('log_id').primaryKey(),
    /** The position at which the log ended when the next epoch started. */
    endPosition: integer('end_position').notNull(),
    endedAt: text('ended_at').notNull(),
  });

  /** Idempotency keys with the first result of their command, stored in the transaction of the command. */
  const idempotencyKeyRows = createTable(
    'command_keys',
    {
      caller: text().notNull(),
      key: text().notNull(),
      /** A hash of the command's name and input. */
      fingerprint: text().notNull(),
      answer: json().$type<object>().notNull(),
      at: text().notNull(),
    },
    (table) => [primaryKey({ columns: [table.caller, table.key] }), index('command_keys_at').on(table.at)],
  );

  // The evaluation compares and adds instants, so the tables below store them as milliseconds since 1970. Alarms are the
  // exception: they store instants as the event log does.

  /** Each opening, registered by its first reading or rule. */
  const openings = createTable(
    'openings',
    {
      id: generatedId(),
      userId: text('user_id').notNull(),
      name: text().notNull(),
      /** Null until a reading of the state has taken effect. */
      state: text().$type<OpeningState>(),
      since: integer(),
      /** Null until a reading of the signal has taken effect. */
      tampered: boolean(),
      batteryLow: boolean('battery_low'),
    },
    (table) => [uniqueIndex('openings_name').on(table.userId, table.name)],
  );

  /**
   * Every accepted reading. The migration creates it WITHOUT ROWID, so rows are stored in the order of the primary key: the first
   * reading of a code from an instant, and the last before it, are one seek.
   */
  const readings = createTable(
    'readings',
    {
      openingId: integer('opening_id').notNull(),
      /** What the reading says of the state, and whether it is withdrawn (reading-codes.ts). */
      code: integer().notNull(),
      at: integer().notNull(),
      id: text().notNull(),
      /** False while the reading is ahead of the server's clock and not withdrawn. */
      effective: boolean().notNull(),
      /** Null if the reading does not report the signal. */
      tampered: boolean(),
      batteryLow: boolean('battery_low'),
    },
    (table) => [
      primaryKey({ columns: [table.openingId, table.code, table.at, table.id] }),
      uniqueIndex('readings_id').on(table.openingId, table.id),
      index('readings_early')
        .on(table.at)
        .where(sql`not ${table.effective}`),
      // Few readings report these signals. 4 is `WITHDRAWN_CODE`.
      index('readings_tampered')
        .on(table.openingId, table.tampered, table.at, table.id)
        .where(sql`${table.tampered} is not null and ${table.code} < 4`),
      index('readings_battery_low')
        .on(table.openingId, table.batteryLow, table.at, table.id)
        .where(sql`${table.batteryLow} is not null and ${table.code} < 4`),
    ],
  );

  /** The intervals of all signals that follow from the effective readings. Also WITHOUT ROWID. */
  const intervals = createTable(
    'intervals',
    {
      openingId: integer('opening_id').notNull(),
      signal: text().$type<Signal>().notNull(),
      startedAt: integer('started_at').notNull(),
      startId: text('start_id').notNull(),
      /** Null while the signal is true. */
      endedAt: integer('ended_at'),
    },
    (table) => [primaryKey({ columns: [table.openingId, table.signal, table.startedAt] })],
  );

  /**
   * Episodes that a command in progress has changed, also removed ones, and not evaluated yet: a later transaction of the
   * command does. If there is none, because the command failed or the process ended, a job does. WITHOUT ROWID.
   */
  const unevaluatedEpisodes = createTable(
    'unevaluated_episodes',
    {
      openingId: integer('opening_id').notNull(),
      subject: text().$type<EpisodeSubject>().notNull(),
      startKey: text('start_key').notNull(),
      startedAt: integer('started_at').notNull(),
      /** The last instant of a span of late openings. Null for other episodes: their ends are stored elsewhere. */
      until: integer(),
    },
    (table) => [primaryKey({ columns: [table.openingId, table.subject, table.startKey] })],
  );

  /** The rule versions. A rule has no version while it is disabled or deleted. */
  const ruleVersions = createTable(
    'rule_versions',
    {
      ruleId: text('rule_id').notNull(),
      openingId: integer('opening_id').notNull(),
      validFrom: integer('valid_from').notNull(),
      /** `NO_END` (rules/rule-repository.ts) in the current version. */
      validUntil: integer('valid_until').notNull(),
      /** The instant of the change that made the version, from which on changes of its calendar apply to it. */
      decidedAt: integer('decided_at').notNull().default(0),
      ...columns(ruleConditionsSchema),
    },
    (table) => [
      primaryKey({ columns: [table.ruleId, table.validFrom] }),
      index('rule_versions_opening').on(table.openingId, table.validUntil),
      // Each reading asks whether a rule of its opening watches for silences, or for late openings.
      index('rule_versions_silence')
        .on(table.openingId)
        .where(sql`${table.silentAfterSeconds} is not null`),
      index('rule_versions_open_by')
        .on(table.openingId)
        .where(sql`${table.calendarId} is not null or ${dialect.contains(table.windows, '"openBy":"')}`),
    ],
  );

  /** The current state of each alarm. */
  const alarms = createTable(
    'alarms',
    {
      ...columns(alarmStateSchema),
      id: text().primaryKey(),
      openingId: integer('opening_id').notNull(),
      /**
       * What starts the alarm's episode now: the reading that starts its interval, or the instant at which its silence or window
       * starts.
       */
      startKey: text('start_key').notNull(),
      /** When the episode starts. */
      startedAt: integer('started_at').notNull(),
      /** When the window ends in which the opening was not opened in time. Null for other kinds. */
      windowEndsAt: integer('window_ends_at'),
      /** Why the alarm was raised: `reason` without a retraction. */
      cause: text().notNull(),
    },
    (table) => [
      index('alarms_start').on(table.openingId, table.kind, table.startedAt),
      index('alarms_active')
        .on(table.openingId, table.startedAt)
        .where(sql`${table.status} = 'ACTIVE'`),
    ],
  );

  /**
   * When each opening has to be evaluated again under a rule if no reading arrives before. It may be earlier than the instant
   * at which the next alarm is due, not later. 0: evaluate at once.
   */
  const pendingAlarms = createTable(
    'timers',
    {
      openingId: integer('opening_id').notNull(),
      ruleId: text('rule_id').notNull(),
      due: integer().notNull(),
      /** Late openings up to this instant are evaluated. */
      evaluatedUntil: integer('evaluated_until').notNull().default(0),
      /** True: only an open interval can raise the alarm. The row is deleted when the opening is closed. */
      needsOpen: boolean('needs_open').notNull().default(true),
    },
    (table) => [primaryKey({ columns: [table.openingId, table.ruleId] }), index('timers_due').on(table.due)],
  );

  /** Rules whose re-evaluation of the past is not finished. */
  const reevaluationJobs = createTable('catch_ups', {
    ruleId: text('rule_id').primaryKey(),
    openingId: integer('opening_id').notNull(),
    /** The job continues with what starts at this instant or later. */
    nextStart: integer('next_start').notNull(),
  });

  /** One row: the version of the time zone data with which `timers` is computed. */
  const timeZoneDataVersion = createTable('zone_data', {
    version: text().primaryKey(),
    /** Later openings are not scheduled for a new evaluation with this version yet. Null: all are. */
    lastOpeningId: integer('last_opening_id'),
    /** The past up to this instant is not evaluated with this version. Null: all openings are scheduled. */
    evaluatedUntil: integer('evaluated_until'),
  });

  /**
   * The audit trail. The migrations add triggers: no row is changed, except that an erasure clears the columns of the caller or
   * those of the user concerned. Only rows up to the one that `audit_pruning` names can be deleted.
   */
  const auditEntries = createTable(
    'audit_entries',
    {
      /** 1, 2, 3, ... without gaps: a rollback also frees the numbers. */
      sequence: logPosition(),
      at: text().notNull(),
      action: text().notNull(),
      outcome: text().notNull(),
      role: text().$type<Role>(),
      count: integer().notNull(),
      firstAt: text('first_at').notNull(),
      lastAt: text('last_at').notNull(),
      /** Null together with `actor`, `device` and `address` after their erasure. */
      actorSalt: text('actor_salt'),
      actor: text(),
      device: text(),
      address: text(),
      /** Null together with the four columns below after their erasure. */
      subjectSalt: text('subject_salt'),
      userId: text('user_id'),
      subject: text(),
      before: json().$type<ChangedFields>(),
      after: json().$type<ChangedFields>(),
      actorHash: text('actor_hash').notNull(),
      subjectHash: text('subject_hash').notNull(),
      hash: text().notNull(),
    },
    (table) => [index('audit_entries_actor').on(table.actor), index('audit_entries_user').on(table.userId)],
  );

  /** At most one row: the last entry of the audit trail that was pruned. */
  const auditPruning = createTable('audit_pruning', {
    /** Always 1. */
    id: integer().primaryKey(),
    sequence: integer().notNull(),
    hash: text().notNull(),
  });

  /** The last batch of summaries from each process that sends them, so that a repeated batch is stored once. */
  const summarySenders = createTable('summary_senders', {
    /** What identifies the process. */
    id: text().primaryKey(),
    /** Batches have growing numbers. */
    lastBatch: integer('last_batch').notNull(),
    at: text().notNull(),
  });

  /** The erasures of users' data. A row whose `completedAt` is null is a job to continue after a restart. */
  const erasures = createTable('erasures', {
    id: generatedId(),
    /** Null once the erasure is complete. */
    userId: text('user_id'),
    /** What names the user in the event log and the audit trail afterwards: a hash of salt and id. */
    pseudonym: text().notNull(),
    salt: text().notNull(),
    requestedAt: text('requested_at').notNull(),
    /** The position of the event `UserErased`. The user's events before it are erased. Null until it is appended. */
    position: integer(),
    /** The last entry of the audit trail at that time. The user's data in it and in earlier ones is erased. */
    auditSequence: integer('audit_sequence'),
    /** The events up to this position are erased. */
    erasedPosition: integer('erased_position').notNull().default(0),
    completedAt: text('completed_at'),
  });

  /** Openings whose readings, intervals and alarms an erasure still has to delete. */
  const erasedOpenings = createTable('erased_openings', {
    openingId: integer('opening_id').primaryKey(),
    erasureId: integer('erasure_id').notNull(),
  });

  return {
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
  };
};

/** The tables of the monitoring database. Their types are the same for both dialects. */
export type MonitoringTables = ReturnType<typeof defineTables>;

const SQLITE_TABLES = defineTables(SQLITE_TABLE_BUILDERS);
const POSTGRES_TABLES = defineTables(POSTGRES_TABLE_BUILDERS);

/** The tables of an open database, in its dialect. */
export const getTables = (db: object): MonitoringTables =>
  getDialect(db).name === 'sqlite' ? SQLITE_TABLES : POSTGRES_TABLES;
