import type { AuditSummary, DeviceState } from '@seguridad-abc/contracts';
import {
  createAuditSummaries,
  emptyWriteAheadLog,
  type AuditSummaries,
  type Logger,
  type StorageWatch,
  type Tracing,
} from '@seguridad-abc/platform';
import type { AlarmRepository } from './alarms/alarm-commands.js';
import { createAlarmTableAccess, createSqliteAlarmRepository } from './alarms/sqlite-alarm-repository.js';
import { createSqliteAuditTrail, type AuditTrail } from './audit/audit-trail.js';
import type { CalendarRepository } from './calendars/calendar-commands.js';
import {
  createCalendarTable,
  createSqliteCalendarRepository,
} from './calendars/calendar-repository.js';
import { createHistoryHorizon, type HistoryHorizon } from './compaction/history-horizon.js';
import {
  createLogCompaction,
  type LogCompaction,
  type LogCompactionOptions,
} from './compaction/log-compaction.js';
import { createDeviceActivityRecorder, type DeviceActivityRecorder } from './devices/device-activity.js';
import type { DeviceRepository } from './devices/device-commands.js';
import { createDeviceTableAccess, createSqliteDeviceRepository } from './devices/device-repository.js';
import { createGroupCommit, GroupCommitStatistics } from './db/group-commit.js';
import { createSqliteIdempotencyKeys } from './db/idempotency-keys.js';
import type { MonitoringDrizzle } from './db/monitoring-database.js';
import { createSqliteOutbox } from './db/outbox.js';
import type { AuditRecord } from './domain/audit-record.js';
import type { Quotas } from './domain/quotas.js';
import { createUserErasures, type UserErasures } from './erasure/user-erasures.js';
import { createEvaluationRequests } from './evaluation/evaluation-requests.js';
import { createIntervalEvaluator } from './evaluation/interval-evaluator.js';
import { createRuleReevaluation } from './evaluation/rule-reevaluation.js';
import { scheduleReevaluationIfZoneDataChanged } from './evaluation/time-zone-data-change.js';
import type { ExceptionRepository } from './exceptions/exception-commands.js';
import {
  createExceptionTable,
  createSqliteExceptionRepository,
} from './exceptions/exception-repository.js';
import type { EventLog } from './log/event-log.js';
import type { WakeUpSignal } from './log/relay.js';
import type { ReadingRepository } from './readings/reading-commands.js';
import { createReadingQuotas, type ReadingQuotas } from './readings/reading-quotas.js';
import { createOpeningTableAccess } from './readings/opening-tables.js';
import { createSqliteReadingRepository, type SliceLimits } from './readings/sqlite-reading-repository.js';
import type { RuleRepository } from './rules/rule-commands.js';
import { createRuleTableAccess, createSqliteRuleRepository } from './rules/rule-repository.js';
import { createTracedDueJobs } from './scheduler/traced-due-jobs.js';
import { createSqliteDueJobs, type SqliteDueJobs } from './scheduler/due-jobs.js';
import { createRuleQuotaCheck } from './rules/rule-quotas.js';
import { createScheduler, type Scheduler } from './scheduler/scheduler.js';

/** Entries about refusals take turns with the callers of commands. */
const AUDIT_OWNER = 'audit';

export interface SqliteStorageOptions {
  /** Maximum number of commands per group commit; a reading counts as one. */
  readonly maxGroupSize: number;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
  readonly quotas: Quotas;
  /** The version of this process's time zone data. */
  readonly zoneDataVersion: string;
  /** The server's instant. */
  readonly now: () => string;
  /** Notified after each commit that appends to the event log. */
  readonly appended: Pick<WakeUpSignal, 'notify'>;
  /** Learns of each transaction. @default nobody does */
  readonly storageWatch?:
    Pick<StorageWatch, 'recordWrite' | 'recordWaiting' | 'assertFileInPlace'> | undefined;
  /** Undefined: tracing is off. */
  readonly tracing?: Tracing | undefined;
  readonly logger: Logger;
  /** What one transaction does of a large `recordReadings` command; called for each. @default 100 readings and 7 ms */
  readonly getSliceLimits?: (() => SliceLimits) | undefined;
  /** Called after each transaction of a compaction, and awaited. */
  readonly onCompactionSlice?: LogCompactionOptions['onSlice'];
}

/** The repositories of one database, and the scheduler of the jobs that are stored in it. */
export interface MonitoringStorage {
  readonly rules: RuleRepository;
  readonly calendars: CalendarRepository;
  readonly exceptions: ExceptionRepository;
  readonly readings: ReadingRepository;
  readonly readingQuotas: ReadingQuotas;
  /** Whether a user has an opening of a name. */
  readonly hasOpening: (userId: string, name: string) => boolean;
  readonly alarms: AlarmRepository;
  readonly devices: DeviceRepository;
  readonly deviceActivity: DeviceActivityRecorder;
  /** Reads the current state of a device. */
  readonly findDevice: (id: string) => DeviceState | undefined;
  readonly eventLog: EventLog;
  readonly dueJobs: SqliteDueJobs;
  readonly groupCommit: GroupCommitStatistics;
  /** Number of appended events by type since the start. */
  readonly eventCounts: ReadonlyMap<string, number>;
  readonly auditTrail: AuditTrail;
  /** Counts refusals, and commands that change nothing, for the audit trail. */
  readonly auditSummaries: AuditSummaries;
  /** Appends entries to the audit trail. Resolves when they are on disk. */
  appendAuditEntries(records: readonly AuditRecord[]): Promise<void>;
  /** Deletes the entries of the audit trail from before an instant. @param isStopped whether it should end early */
  pruneAuditTrail(before: string, retentionDays: number, isStopped?: () => boolean): Promise<void>;
  /** Up to when history is removed. */
  readonly horizon: HistoryHorizon;
  readonly compaction: LogCompaction;
  /** Not started yet. */
  readonly erasures: UserErasures;
  /** Not started yet. */
  readonly scheduler: Scheduler;
  /** Deletes the idempotency keys from before an instant. */
  deleteKeysBefore(instant: string): Promise<void>;
}

export function createSqliteStorage(db: MonitoringDrizzle, options: SqliteStorageOptions): MonitoringStorage {
  const { maxGroupSize, latenessAllowanceMs, quotas, zoneDataVersion, now, appended, tracing, logger } =
    options;
  scheduleReevaluationIfZoneDataChanged(db, zoneDataVersion, Date.parse(now()) - latenessAllowanceMs);
  const outbox = createSqliteOutbox(db, appended, { now, logger });
  const { appendEvent, eventLog, eventCounts } = outbox;
  const { storageWatch } = options;
  const groupCommit = new GroupCommitStatistics();
  const transact = createGroupCommit(
    db,
    maxGroupSize,
    {
      onWaiting: () => storageWatch?.recordWaiting(),
      // A command that is confirmed must outlive this process.
      onBegin: () => storageWatch?.assertFileInPlace(),
      onCommit() {
        storageWatch?.recordWrite();
        outbox.notifyIfAppended();
      },
      onFailure: (error) => storageWatch?.recordWrite(error),
    },
    groupCommit,
    tracing,
  );
  const horizon = createHistoryHorizon(db);
  const keys = createSqliteIdempotencyKeys(db);
  const auditTrail = createSqliteAuditTrail(db);
  const appendAuditEntries = (records: readonly AuditRecord[]) =>
    transact(
      () => {
        for (const record of records) auditTrail.append(record, now());
      },
      records.length,
      AUDIT_OWNER,
    );
  const auditSummaries = createAuditSummaries({
    emit: (summaries: readonly AuditSummary[]) =>
      void appendAuditEntries(summaries).catch((error: unknown) =>
        logger.error(
          { err: error, summaries: summaries.length },
          'refusals could not be added to the audit trail',
        ),
      ),
    now,
  });
  const appendAuditEntry = auditTrail.append;

  const notifyScheduler = (at: number) => scheduler.notify(at);
  const ruleTables = createRuleTableAccess(db, notifyScheduler);
  const openingTables = createOpeningTableAccess(db, notifyScheduler);
  const alarmTables = createAlarmTableAccess(db, notifyScheduler);
  const deviceTable = createDeviceTableAccess(db);
  const calendarTable = createCalendarTable(db);
  const exceptionTable = createExceptionTable(db);
  const evaluationRequests = createEvaluationRequests(db, notifyScheduler);

  const evaluator = createIntervalEvaluator({
    alarmTables,
    ruleTables,
    openingTables,
    findExceptions: exceptionTable.findOfOpening,
    appendEvent,
    latenessAllowanceMs,
    horizon,
  });
  const reevaluation = createRuleReevaluation(openingTables, ruleTables, evaluator);
  const repositoryOptions = { appendEvent, appendAuditEntry, auditSummaries, keys, transact, now };
  const readings = createSqliteReadingRepository({
    tables: openingTables,
    alarms: alarmTables.alarms,
    evaluator,
    countRules: ruleTables.versions.countRules,
    findWatched: ruleTables.versions.findWatched,
    horizon,
    appendEvent,
    appendAuditEntry,
    auditSummaries,
    transact,
    onSlicedCommandEnd: () => notifyScheduler(0),
    now,
    getSliceLimits: options.getSliceLimits,
  });
  const dueJobs = createSqliteDueJobs({
    openingTables,
    alarmTables,
    ruleTables,
    readings,
    evaluator,
    reevaluation,
    transact,
    now,
    latenessAllowanceMs,
  });
  const scheduler = createScheduler({
    jobs: tracing ? createTracedDueJobs(dueJobs, tracing) : dueJobs,
    now,
    logger,
  });

  const { openings } = openingTables;
  const countRulesSince = (userId: string, name: string, from: number) => {
    const opening = openings.findByName(userId, name);
    return opening ? ruleTables.versions.countRules(opening.id, from) : 0;
  };
  const hasOpening = (userId: string, name: string) => openings.findByName(userId, name) !== undefined;
  const readingQuotas = createReadingQuotas(
    quotas,
    { countOfUser: openings.countOfUser, has: hasOpening, countRules: countRulesSince },
    now,
  );
  const checkRuleQuotas = createRuleQuotaCheck(quotas, {
    countRulesOfUser: ruleTables.rules.countOfUser,
    countRulesOfOpening: ruleTables.rules.countOfOpening,
    countRulesSince,
    countVersionsSince(userId, name, from) {
      const opening = openings.findByName(userId, name);
      return opening ? ruleTables.versions.countVersions(opening.id, from) : 0;
    },
    hasOpening,
    findCalendarDates: ruleTables.calendarVersions.findPresentDates,
    countOpeningsOfUser: (userId) => openings.countOfUser(userId) + readingQuotas.getReservedOpenings(userId),
  });

  return {
    hasOpening,
    rules: createSqliteRuleRepository(
      ruleTables,
      calendarTable.has,
      reevaluation.applyRuleChange,
      checkRuleQuotas,
      repositoryOptions,
    ),
    calendars: createSqliteCalendarRepository({
      ...repositoryOptions,
      table: calendarTable,
      versions: ruleTables.calendarVersions,
      rules: ruleTables.rules,
      evaluationRequests,
      quotas,
    }),
    exceptions: createSqliteExceptionRepository({
      ...repositoryOptions,
      table: exceptionTable,
      evaluationRequests,
      maxPerUser: quotas.exceptionsPerUser,
    }),
    alarms: createSqliteAlarmRepository(
      alarmTables,
      (openingId) => openings.findById(openingId) !== undefined,
      horizon,
      repositoryOptions,
    ),
    devices: createSqliteDeviceRepository(deviceTable, quotas.devicesPerUser, repositoryOptions),
    deviceActivity: createDeviceActivityRecorder({ table: deviceTable, transact, now, logger }),
    findDevice: deviceTable.findById,
    readings,
    readingQuotas,
    eventLog,
    eventCounts,
    groupCommit,
    auditTrail,
    auditSummaries,
    appendAuditEntries,
    erasures: createUserErasures({ db, ...repositoryOptions, logger }),
    horizon,
    compaction: createLogCompaction({
      db,
      getLogId: async () => (await eventLog.end()).logId,
      horizon,
      appendEvent,
      appendAuditEntry,
      transact,
      now,
      logger,
      onSlice: options.onCompactionSlice,
    }),
    dueJobs,
    scheduler,
    async pruneAuditTrail(before, retentionDays, isStopped = () => false) {
      const last = await transact(
        () => auditTrail.beginPruning(before, retentionDays, now()),
        1,
        AUDIT_OWNER,
      );
      if (!last) return;
      logger.info({ until: last.sequence }, 'the audit trail is pruned');
      while (!isStopped() && (await transact(() => auditTrail.deleteSomeUntil(last), 1, AUDIT_OWNER)));
      emptyWriteAheadLog(db);
    },
    async deleteKeysBefore(instant) {
      while (await transact(() => keys.deleteSomeBefore(instant)));
    },
  };
}
