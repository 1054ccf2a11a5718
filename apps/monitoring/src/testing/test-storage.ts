import type { RuleState } from '@seguridad-abc/contracts';
import { createLogger } from '@seguridad-abc/platform';
import { createPostgresDatabases, temporaryFolder } from '@seguridad-abc/platform/testing';
import type { SQL } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import { createAlarmCommands } from '../alarms/alarm-commands.js';
import { createAuditedCommands } from '../audit/audited-commands.js';
import { createCalendarCommands } from '../calendars/calendar-commands.js';
import { createHolidayFinder } from '../calendars/holidays.js';
import {
  isSqliteDatabase,
  openMonitoringDatabase,
  type MonitoringDatabase,
  type MonitoringDrizzle,
  type SqliteMonitoringDatabase,
} from '../db/monitoring-database.js';
import { openPostgresMonitoringDatabase } from '../db/postgres-database.js';
import { queryRows } from '../db/prepared-statement.js';
import { getTables, type MonitoringTables } from '../db/schema.js';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { createErasureCommands } from '../erasure/erasure-commands.js';
import { createExceptionCommands } from '../exceptions/exception-commands.js';
import { createDeviceCommands } from '../devices/device-commands.js';
import type { CommandCaller } from '../domain/decision.js';
import type { Quotas } from '../domain/quotas.js';
import type { MonitoringCommands } from '../graphql/context.js';
import { createWakeUpSignal, type WakeUpSignal } from '../log/relay.js';
import { createReadingCommands } from '../readings/reading-commands.js';
import { createRuleCommands } from '../rules/rule-commands.js';
import {
  createMonitoringStorage,
  type MonitoringStorage,
  type MonitoringStorageOptions,
} from '../storage.js';
import { createRuleInput, OPERATOR } from './fixtures.js';

/** The commands with their caller applied. */
export type CallerCommands = {
  readonly [Name in keyof MonitoringCommands]: (
    input: Parameters<MonitoringCommands[Name]>[1],
  ) => ReturnType<MonitoringCommands[Name]>;
};

/** Commands over a real SQLite file in a temporary folder. */
export interface TestStorage {
  /** The commands of an operator. */
  readonly commands: CallerCommands;
  commandsOf(caller: CommandCaller): CallerCommands;
  readonly storage: MonitoringStorage;
  readonly database: MonitoringDatabase;
  /** The write connection. */
  readonly db: MonitoringDrizzle;
  /** Reads what is committed. */
  readonly reader: MonitoringDrizzle;
  /** The tables of the database. */
  readonly tables: MonitoringTables;
  /** Reads what is committed. */
  query<Row extends object>(query: SQL): Promise<Row[]>;
  /** The write connection below Drizzle. */
  readonly sqlite: SqliteMonitoringDatabase['client'];
  readonly eventLog: MonitoringStorage['eventLog'];
  /** Notified after each commit that appends to the event log. */
  readonly appended: WakeUpSignal;
  readonly folder: string;
  /** The URL of the PostgreSQL database, which other storages may share; undefined on SQLite. */
  readonly databaseUrl: string | undefined;
  /** Creates rules with different names. */
  createRules(count: number): Promise<RuleState[]>;
  /**
   * Closes the file and opens it again, as a restart does. The scheduler is not started.
   * @param whileClosed may replace the file
   */
  reopen(changes?: Partial<TestStorageOptions>, whileClosed?: () => void): Promise<void>;
  close(): Promise<void>;
}

export interface TestStorageOptions {
  readonly now: () => string;
  readonly latenessAllowanceMs: number;
  readonly quotas: Quotas;
  readonly zoneDataVersion: string;
  readonly getSliceLimits: MonitoringStorageOptions['getSliceLimits'];
  readonly onCompactionSlice: MonitoringStorageOptions['onCompactionSlice'];
  /** The folder of the database. @default a temporary folder */
  readonly folder: ReturnType<typeof temporaryFolder>;
  /** Is called with each SQL statement that runs. */
  readonly onStatement: (statement: string) => void;
  /** A database of PostgreSQL, which other storages may share. @default SQLite, or an own database if the run uses PostgreSQL */
  readonly databaseUrl: string | undefined;
  readonly leadership: MonitoringStorageOptions['leadership'];
}

export async function openTestStorage(overrides: Partial<TestStorageOptions> = {}): Promise<TestStorage> {
  const folder = overrides.folder ?? temporaryFolder();
  let options: TestStorageOptions = {
    folder,
    now: () => new Date().toISOString(),
    latenessAllowanceMs: 0,
    quotas: getQuotas(readMonitoringConfig({})),
    zoneDataVersion: 'test',
    getSliceLimits: undefined,
    onCompactionSlice: undefined,
    onStatement: () => undefined,
    databaseUrl: undefined,
    leadership: undefined,
    ...overrides,
  };
  const ownDatabase = options.databaseUrl === undefined ? await createOwnDatabase() : undefined;
  const databaseUrl = options.databaseUrl ?? ownDatabase?.url;
  const logger = createLogger('monitoring', 'silent');
  const open = async () => {
    const { onStatement } = options;
    const database: MonitoringDatabase =
      databaseUrl === undefined
        ? openMonitoringDatabase(folder.path, onStatement)
        : await openPostgresMonitoringDatabase({ url: databaseUrl, logger, onStatement });
    const appended = createWakeUpSignal();
    const storage = await createMonitoringStorage(database, {
      ...options,
      maxGroupSize: 256,
      appended,
      logger,
    });
    const readings = createReadingCommands(storage.readings, {
      hasOpening: storage.hasOpening,
      quotas: storage.readingQuotas,
      latenessMs: options.quotas.latenessMs,
      notBefore: '2001-01-01T00:00:00.000Z',
      horizon: storage.horizon,
      now: options.now,
    });
    const audited = createAuditedCommands(
      {
        ...createRuleCommands(storage.rules, uuidv7),
        ...createCalendarCommands(storage.calendars, createHolidayFinder(), uuidv7),
        ...createExceptionCommands(storage.exceptions, uuidv7),
        ...readings,
        ...createAlarmCommands(storage.alarms),
        ...createDeviceCommands(storage.devices, { createId: uuidv7, deriveKey: (id) => `key of ${id}` }),
        ...createErasureCommands(storage.erasures),
      },
      storage.auditSummaries,
    );
    const commandsOf = (caller: CommandCaller): CallerCommands => ({
      createRule: (input) => audited.createRule(caller, input),
      updateRule: (input) => audited.updateRule(caller, input),
      deleteRule: (input) => audited.deleteRule(caller, input),
      createCalendar: (input) => audited.createCalendar(caller, input),
      updateCalendar: (input) => audited.updateCalendar(caller, input),
      deleteCalendar: (input) => audited.deleteCalendar(caller, input),
      createException: (input) => audited.createException(caller, input),
      cancelException: (input) => audited.cancelException(caller, input),
      recordReadings: (input) => audited.recordReadings(caller, input),
      withdrawReadings: (input) => audited.withdrawReadings(caller, input),
      acknowledgeAlarm: (input) => audited.acknowledgeAlarm(caller, input),
      claimAlarm: (input) => audited.claimAlarm(caller, input),
      releaseAlarm: (input) => audited.releaseAlarm(caller, input),
      commentAlarm: (input) => audited.commentAlarm(caller, input),
      resolveAlarm: (input) => audited.resolveAlarm(caller, input),
      registerDevice: (input) => audited.registerDevice(caller, input),
      revokeDevice: (input) => audited.revokeDevice(caller, input),
      eraseUserData: (input) => audited.eraseUserData(caller, input),
    });
    return { database, appended, storage, commandsOf, commands: commandsOf(OPERATOR) };
  };
  let current = await open();
  let createdRules = 0;
  const closeCurrent = async () => {
    await current.storage.scheduler.stop();
    await current.database.close();
  };
  return {
    get commands() {
      return current.commands;
    },
    commandsOf: (caller) => current.commandsOf(caller),
    get storage() {
      return current.storage;
    },
    get database() {
      return current.database;
    },
    get db() {
      return current.database.db;
    },
    get reader() {
      return current.database.reader;
    },
    get tables() {
      return getTables(current.database.db);
    },
    query: (query) => queryRows(current.database.reader, query),
    get sqlite() {
      if (!isSqliteDatabase(current.database)) throw new Error('This run uses PostgreSQL.');
      return current.database.client;
    },
    get eventLog() {
      return current.storage.eventLog;
    },
    get appended() {
      return current.appended;
    },
    folder: folder.path,
    databaseUrl,
    createRules(count) {
      const inputs = Array.from({ length: count }, () => createRuleInput({ name: `Rule ${++createdRules}` }));
      return Promise.all(inputs.map((input) => current.commands.createRule(input)));
    },
    async reopen(changes = {}, whileClosed = () => undefined) {
      await closeCurrent();
      whileClosed();
      options = { ...options, ...changes };
      current = await open();
    },
    async close() {
      await closeCurrent();
      await ownDatabase?.remove();
      folder.remove();
    },
  };
}

/** Of the PostgreSQL server of this run. Undefined: the tests of this run use SQLite. */
const postgresUrl = inject('postgresUrl') as string | undefined;
const databases =
  postgresUrl === undefined ? undefined : createPostgresDatabases(postgresUrl, prepareTemplate);

async function prepareTemplate(url: string): Promise<void> {
  const database = await openPostgresMonitoringDatabase({
    url,
    logger: createLogger('monitoring', 'silent'),
  });
  await database.close();
}

const createOwnDatabase = () => databases?.create();

/** Whether the tests of this run use PostgreSQL. For tests of what only one of the databases has. */
export const usesPostgres = postgresUrl !== undefined;

/** Opens a second storage of the same database, as another instance of monitoring has. SQLite has one: it is the same storage. */
export const openOtherInstance = (
  test: TestStorage,
  overrides: Partial<TestStorageOptions>,
): Promise<TestStorage> =>
  test.databaseUrl === undefined
    ? Promise.resolve(test)
    : openTestStorage({ ...overrides, databaseUrl: test.databaseUrl });
