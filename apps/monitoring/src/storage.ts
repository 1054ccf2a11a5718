import type { AuditBatch, AuditSummary, DeviceState } from '@seguridad-abc/contracts';
import {
  createAuditSummaries,
  emptyWriteAheadLog,
  type AuditSummaries,
  type Logger,
  type StorageWatch,
  type Tracing,
} from '@seguridad-abc/platform';
import type { AlarmRepository } from './alarms/alarm-commands.js';
import { createAlarmRepository, createAlarmTableAccess } from './alarms/alarm-repository.js';
import { createAuditTrail, type AuditTrail } from './audit/audit-trail.js';
import { createSummarySenders } from './audit/summary-senders.js';
import type { CalendarRepository } from './calendars/calendar-commands.js';
import { createCalendarRepository, createCalendarTable } from './calendars/calendar-repository.js';
import { createHistoryHorizon, type HistoryHorizon } from './compaction/history-horizon.js';
import {
  createLogCompaction,
  type LogCompaction,
  type LogCompactionOptions,
} from './compaction/log-compaction.js';
import { createDeviceActivityRecorder, type DeviceActivityRecorder } from './devices/device-activity.js';
import type { DeviceRepository } from './devices/device-commands.js';
import { createDeviceRepository, createDeviceTableAccess } from './devices/device-repository.js';
import { getDialect } from './db/dialect.js';
import { createGroupCommit, GroupCommitStatistics, type GroupCommit } from './db/group-commit.js';
import { createIdempotencyKeys } from './db/idempotency-keys.js';
import { isSqliteDatabase, type MonitoringDatabase } from './db/monitoring-database.js';
import { createOutbox } from './db/outbox.js';
import { createUserLocks } from './db/user-locks.js';
import type { AuditRecord } from './domain/audit-record.js';
import type { Quotas } from './domain/quotas.js';
import { createUserErasures, type UserErasures } from './erasure/user-erasures.js';
import { createEvaluationRequests } from './evaluation/evaluation-requests.js';
import { createIntervalEvaluator } from './evaluation/interval-evaluator.js';
import { createRuleReevaluation } from './evaluation/rule-reevaluation.js';
import { createTimeZoneDataChange, noteZoneDataOfNewDatabase } from './evaluation/time-zone-data-change.js';
import type { ExceptionRepository } from './exceptions/exception-commands.js';
import { createExceptionRepository, createExceptionTable } from './exceptions/exception-repository.js';
import { ONLY_INSTANCE, type Leadership } from './leadership/leadership.js';
import type { EventLog } from './log/event-log.js';
import type { WakeUpSignal } from './log/relay.js';
import type { ReadingRepository } from './readings/reading-commands.js';
import { createOtherPartialCommands } from './readings/other-partial-commands.js';
import { createLeftOpeningFinder } from './readings/left-episodes.js';
import { createReadingQuotas, type ReadingQuotas } from './readings/reading-quotas.js';
import { createOpeningTableAccess } from './readings/opening-tables.js';
import { createReadingRepository, type SliceLimits } from './readings/reading-repository.js';
import type { RuleRepository } from './rules/rule-commands.js';
import { createRuleRepository, createRuleTableAccess } from './rules/rule-repository.js';
import { createTracedDueJobs } from './scheduler/traced-due-jobs.js';
import { createDueCandidates } from './scheduler/due-candidates.js';
import { createDueJobs, type StoredDueJobs } from './scheduler/due-jobs.js';
import { createRuleQuotaCheck } from './rules/rule-quotas.js';
import { createScheduler, type Scheduler } from './scheduler/scheduler.js';

/** Entries about refusals take turns with the callers of commands. */
const AUDIT_OWNER = 'audit';

export interface MonitoringStorageOptions {
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
  /** @default there is no other instance */
  readonly leadership?: Pick<Leadership, 'isLeader' | 'assertLeader'> | undefined;
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
  readonly hasOpening: (userId: string, name: string) => Promise<boolean>;
  readonly alarms: AlarmRepository;
  readonly devices: DeviceRepository;
  readonly deviceActivity: DeviceActivityRecorder;
  /** Reads the committed state of a device. */
  readonly findDevice: (id: string) => Promise<DeviceState | undefined>;
  readonly eventLog: EventLog;
  readonly dueJobs: StoredDueJobs;
  readonly groupCommit: GroupCommitStatistics;
  /** Number of appended events by type since the start. */
  readonly eventCounts: ReadonlyMap<string, number>;
  readonly auditTrail: AuditTrail;
  /** Counts refusals, and commands that change nothing, for the audit trail. */
  readonly auditSummaries: AuditSummaries;
  /** Appends entries to the audit trail. Resolves when they are on disk. */
  appendAuditEntries(records: readonly AuditRecord[]): Promise<void>;
  /** Appends summaries of another process, once. @param batch undefined: repetitions are not recognized */
  appendSummaries(summaries: readonly AuditSummary[], batch: AuditBatch | undefined): Promise<void>;
  /** Deletes the entries of the audit trail from before an instant, if this instance leads. @param isStopped whether it should end early */
  pruneAuditTrail(before: string, retentionDays: number, isStopped?: () => boolean): Promise<void>;
  /** Up to when history is removed. */
  readonly horizon: HistoryHorizon;
  readonly compaction: LogCompaction;
  /** Not started yet. */
  readonly erasures: UserErasures;
  /** Not started yet. */
  readonly scheduler: Scheduler;
  /** Deletes the idempotency keys and senders of summaries from before an instant, if this instance leads. */
  deleteKeysBefore(instant: string): Promise<void>;
}

/** Reads wake nobody. */
const IGNORE_DUE = () => undefined;

/** Creates the repositories of a SQLite or PostgreSQL database. */
export async function createMonitoringStorage(
  database: MonitoringDatabase,
  options: MonitoringStorageOptions,
): Promise<MonitoringStorage> {
  const { db, reader } = database;
  const hasOtherInstances = getDialect(db).name === 'postgresql';
  const { maxGroupSize, latenessAllowanceMs, quotas, zoneDataVersion, now, appended, tracing, logger } =
    options;
  const { storageWatch, leadership = ONLY_INSTANCE } = options;
  const outbox = await createOutbox(database);
  const { appends } = outbox;
  const { appendEvent, appendAuditEntry } = appends;
  const horizon = await createHistoryHorizon(db, reader);
  const groupCommit = new GroupCommitStatistics();
  const transact = createGroupCommit({
    db,
    appends,
    maxGroupSize,
    observer: {
      onWaiting: () => storageWatch?.recordWaiting(),
      // A command that is confirmed must outlive this process.
      onBegin: () => storageWatch?.assertFileInPlace(),
      onTransactionBegin: (isExclusive) => horizon.beginTransaction(isExclusive),
      onCommit() {
        storageWatch?.recordWrite();
        if (appends.hasEvents) appended.notify();
      },
      onFailure: (error) => storageWatch?.recordWrite(error),
    },
    statistics: groupCommit,
    tracing,
  });
  const transactAsLeader: GroupCommit = (work, workOptions) =>
    transact(async () => {
      await leadership.assertLeader();
      return work();
    }, workOptions);
  const isLeader = () => leadership.isLeader();
  const eventLog = outbox.createEventLog({ transact, transactAsLeader, appended, now, logger });
  const emptyDatabaseLog = () => {
    if (isSqliteDatabase(database)) emptyWriteAheadLog({ $client: database.client });
  };
  const keys = createIdempotencyKeys(db);
  const auditTrail = createAuditTrail({ ...database, appendAuditEntry });
  const appendAuditEntries = (records: readonly AuditRecord[]) =>
    transact(
      () => {
        for (const record of records) appendAuditEntry(record, now());
        return Promise.resolve();
      },
      { size: records.length, owner: AUDIT_OWNER },
    );
  const summarySenders = createSummarySenders(db);
  const appendSummaries = (summaries: readonly AuditSummary[], batch: AuditBatch | undefined) =>
    transact(
      async () => {
        if (batch && !(await summarySenders.noteBatch(batch, now()))) return;
        for (const summary of summaries) appendAuditEntry(summary, now());
      },
      { size: summaries.length, owner: AUDIT_OWNER },
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

  const notifyScheduler = (at: number) => scheduler.notify(at);
  const ruleTables = createRuleTableAccess(db, notifyScheduler);
  const openingTables = createOpeningTableAccess(db, notifyScheduler);
  const alarmTables = createAlarmTableAccess(db, notifyScheduler);
  const deviceTable = createDeviceTableAccess(db);
  const calendarTable = createCalendarTable(db);
  const exceptionTable = createExceptionTable(db);
  const evaluationRequests = createEvaluationRequests(db, notifyScheduler);
  const committedOpenings = createOpeningTableAccess(reader, IGNORE_DUE).openings;
  const committedDevices = createDeviceTableAccess(reader);
  const committedAlarmTables = createAlarmTableAccess(reader, IGNORE_DUE);

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
  const locks = createUserLocks(db);
  const repositoryOptions = {
    appendEvent,
    appendAuditEntry,
    auditSummaries,
    keys,
    transact,
    now,
    lockUser: locks.lockUser,
  };

  const { openings } = openingTables;
  const hasOpening = async (userId: string, name: string) =>
    (await openings.findByName(userId, name)) !== undefined;
  const countRulesSince = async (userId: string, name: string, from: number) => {
    const opening = await openings.findByName(userId, name);
    return opening ? ruleTables.versions.countRules(opening.id, from) : 0;
  };
  const readingQuotas = createReadingQuotas(
    quotas,
    { countOfUser: openings.countOfUser, countNames: openings.countNames, countRules: countRulesSince },
    now,
  );
  const checkRuleQuotas = createRuleQuotaCheck(quotas, {
    countRulesOfUser: ruleTables.rules.countOfUser,
    countRulesOfOpening: ruleTables.rules.countOfOpening,
    countRulesSince,
    async countVersionsSince(userId, name, from) {
      const opening = await openings.findByName(userId, name);
      return opening ? ruleTables.versions.countVersions(opening.id, from) : 0;
    },
    hasOpening,
    findCalendarDates: ruleTables.calendarVersions.findPresentDates,
    countOpeningsOfUser: openings.countOfUser,
  });
  const readings = createReadingRepository({
    tables: openingTables,
    alarms: alarmTables.alarms,
    evaluator,
    findWatched: ruleTables.versions.findWatched,
    horizon,
    appendEvent,
    appendAuditEntry,
    auditSummaries,
    transact,
    onSlicedCommandEnd: () => notifyScheduler(0),
    quotas: readingQuotas,
    otherPartialCommands: createOtherPartialCommands(db, database.control),
    findLeftOpening: createLeftOpeningFinder(reader),
    hasOtherInstances,
    now,
    getSliceLimits: options.getSliceLimits,
  });
  const dueJobs = createDueJobs({
    candidates: createDueCandidates(reader),
    openings,
    pendingAlarms: alarmTables.pendingAlarms,
    pendingAlarmCounts: committedAlarmTables.pendingAlarms,
    readings,
    evaluator,
    reevaluation,
    zoneDataChange: createTimeZoneDataChange({
      db,
      reader,
      version: zoneDataVersion,
      now,
      latenessAllowanceMs,
    }),
    transact: transactAsLeader,
    now,
    latenessAllowanceMs,
  });
  const scheduler = createScheduler({
    jobs: tracing ? createTracedDueJobs(dueJobs, tracing) : dueJobs,
    hasOtherInstances,
    now,
    logger,
  });
  await transact(() => noteZoneDataOfNewDatabase(db, zoneDataVersion));

  return {
    hasOpening: async (userId, name) => (await committedOpenings.findByName(userId, name)) !== undefined,
    rules: createRuleRepository({
      ...repositoryOptions,
      tables: ruleTables,
      reader: createRuleTableAccess(reader, IGNORE_DUE).rules,
      hasCalendar: calendarTable.has,
      applyRuleChange: reevaluation.applyRuleChange,
      checkQuotas: checkRuleQuotas,
    }),
    calendars: createCalendarRepository({
      ...repositoryOptions,
      table: calendarTable,
      reader: createCalendarTable(reader),
      versions: ruleTables.calendarVersions,
      rules: ruleTables.rules,
      evaluationRequests,
      quotas,
    }),
    exceptions: createExceptionRepository({
      ...repositoryOptions,
      table: exceptionTable,
      reader: createExceptionTable(reader),
      evaluationRequests,
      maxPerUser: quotas.exceptionsPerUser,
    }),
    alarms: createAlarmRepository({
      ...repositoryOptions,
      table: alarmTables.alarms,
      reader: committedAlarmTables.alarms,
      horizon,
    }),
    devices: createDeviceRepository({
      ...repositoryOptions,
      table: deviceTable,
      reader: committedDevices,
      maxPerUser: quotas.devicesPerUser,
    }),
    deviceActivity: createDeviceActivityRecorder({
      table: deviceTable,
      reader: committedDevices,
      transact,
      now,
      logger,
    }),
    findDevice: committedDevices.findById,
    readings,
    readingQuotas,
    eventLog,
    eventCounts: appends.eventCounts,
    groupCommit,
    auditTrail,
    auditSummaries,
    appendAuditEntries,
    appendSummaries,
    erasures: createUserErasures({
      ...repositoryOptions,
      db,
      reader,
      flushAppends: appends.flush,
      transactAsLeader,
      isLeader,
      emptyDatabaseLog,
      logger,
    }),
    horizon,
    compaction: createLogCompaction({
      db,
      reader,
      getLogId: async () => (await eventLog.end()).logId,
      horizon,
      appendEvent,
      appendAuditEntry,
      transactAsLeader,
      tryLockUser: locks.tryLockUser,
      isLeader,
      emptyDatabaseLog,
      now,
      logger,
      onSlice: options.onCompactionSlice,
    }),
    dueJobs,
    scheduler,
    async pruneAuditTrail(before, retentionDays, isStopped = () => false) {
      if (!isLeader()) return;
      const last = await transactAsLeader(() => auditTrail.beginPruning(before, retentionDays, now()), {
        owner: AUDIT_OWNER,
      });
      if (!last) return;
      logger.info({ until: last.sequence }, 'the audit trail is pruned');
      while (
        !isStopped() &&
        (await transactAsLeader(() => auditTrail.deleteSomeUntil(last), { owner: AUDIT_OWNER }))
      );
      emptyDatabaseLog();
    },
    async deleteKeysBefore(instant) {
      if (isLeader()) await transactAsLeader(() => summarySenders.deleteBefore(instant));
      while (isLeader() && (await transactAsLeader(() => keys.deleteSomeBefore(instant))));
    },
  };
}
