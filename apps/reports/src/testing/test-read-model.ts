import { join } from 'node:path';
import type { Actor, AlarmState, RuleState } from '@seguridad-abc/contracts';
import { ENDLESS_REQUEST } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { createRequestBudget, type RequestLimits } from '../access/request-budget.js';
import { createSqliteProjectedAlarmRepository } from '../alarms/sqlite-alarm-repository.js';
import { createSqliteAlarmQueueRepository } from '../alarms/sqlite-alarm-queue-repository.js';
import { createSqliteAlarmTimelineRepository } from '../alarms/sqlite-alarm-timeline-repository.js';
import { createSqliteProjectedCalendarRepository } from '../calendars/sqlite-calendar-repository.js';
import { createEntityArrivals } from '../consistency/projection-waits.js';
import { openReportsDatabase } from '../db/reports-database.js';
import { createSqliteProjectionStore } from '../db/sqlite-projection-store.js';
import { createSqliteDeviceListRepository } from '../devices/sqlite-device-repository.js';
import { createSqliteProjectedExceptionRepository } from '../exceptions/sqlite-exception-repository.js';
import { NO_READ_MODEL_RECORDS, type ProjectedRule, type ReadModelRecords } from '../domain/read-model.js';
import {
  createListCursors,
  createRequestQueries,
  type RequestQueries,
  type RequestQueriesOptions,
} from '../graphql/context.js';
import { createSqliteOpeningReader } from '../openings/sqlite-opening-repository.js';
import type { ProjectionStore } from '../db/projection-store.js';
import { createSqliteProjectedRuleRepository } from '../rules/sqlite-rule-repository.js';
import { createSqliteKnownUserRepository } from '../users/sqlite-known-user-repository.js';
import { buildAlarmState, buildRuleState } from './log-entries.js';

/** A read model in a real SQLite database. Tests write to it directly, without a log. */
export interface TestReadModel {
  readonly store: ProjectionStore;
  /** Creates another store of the same database, as a restart does. */
  createStore(): ProjectionStore;
  readonly repositories: RequestQueriesOptions['repositories'];
  /** The path of the database file. */
  readonly file: string;
  /** The SQL statements that ran, in order. */
  readonly statements: string[];
  /** Adds a rule at the next log position. */
  addRule(overrides?: Partial<RuleState>): Promise<ProjectedRule>;
  /** Adds an alarm at the next log position. */
  addAlarm(overrides?: Partial<AlarmState>): Promise<AlarmState>;
  /**
   * Creates the queries of one request; the caller is an operator by default. They wait for no entity.
   * @param now returns the current instant in ms since 1970
   */
  createQueries(caller?: Actor, limits?: Partial<RequestLimits>, now?: () => number): RequestQueries;
  /** Writes records at the next log position. */
  write(records: Partial<ReadModelRecords>): Promise<void>;
  close(): void;
}

/** Creates an empty read model in a temporary folder. */
export function openTestReadModel(): TestReadModel {
  const folder = temporaryFolder();
  const statements: string[] = [];
  const database = openReportsDatabase(folder.path, (statement) => void statements.push(statement));
  const store = createSqliteProjectionStore(database.db);
  const repositories = {
    rules: createSqliteProjectedRuleRepository(database.db),
    alarms: createSqliteProjectedAlarmRepository(database.db),
    alarmQueue: createSqliteAlarmQueueRepository(database.db),
    alarmTimeline: createSqliteAlarmTimelineRepository(database.db),
    openings: createSqliteOpeningReader(database.db),
    users: createSqliteKnownUserRepository(database.db),
    devices: createSqliteDeviceListRepository(database.db),
    calendars: createSqliteProjectedCalendarRepository(database.db),
    exceptions: createSqliteProjectedExceptionRepository(database.db),
  };
  const arrivals = {
    rules: createEntityArrivals(),
    alarms: createEntityArrivals(),
    users: createEntityArrivals(),
    calendars: createEntityArrivals(),
  };
  const readAuditPage = () => Promise.resolve({ head: 0, pruned: null, entries: [], hasMore: false });
  const cursors = createListCursors('s'.repeat(32));
  let position = 0;

  const model: TestReadModel = {
    store,
    createStore: () => createSqliteProjectionStore(database.db),
    repositories,
    file: join(folder.path, 'reports.sqlite'),
    statements,
    createQueries(caller = { id: 'olga', role: 'operator' }, limits = {}, now = Date.now) {
      const budget = createRequestBudget(
        { rows: 10_000, simulatedIntervals: 50_000, ...limits },
        ENDLESS_REQUEST,
      );
      return createRequestQueries(
        { repositories, readAuditPage, arrivals, cursors, now },
        { caller, budget, waitMs: 0 },
      );
    },
    async addRule(overrides = {}) {
      const createdPosition = position + 1;
      const rule = {
        state: buildRuleState({ id: `rule-${createdPosition}`, ...overrides }),
        createdPosition,
        changedPosition: createdPosition,
      };
      await model.write({ rules: [rule] });
      return rule;
    },
    async addAlarm(overrides = {}) {
      const changedPosition = position + 1;
      const state = buildAlarmState({ id: `alarm-${changedPosition}`, ...overrides });
      await model.write({ alarms: [{ state, change: 'RAISED', changedPosition }] });
      return state;
    },
    async write(records) {
      const from = await store.readCheckpoint();
      position += 1;
      await store.commit({
        from,
        to: { logId: 'log-1', position },
        records: { ...NO_READ_MODEL_RECORDS, ...records },
      });
    },
    close() {
      database.close();
      folder.remove();
    },
  };
  return model;
}
