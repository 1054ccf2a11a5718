import type { Logger } from '@seguridad-abc/platform';
import { createSqliteAlarmQueueRepository } from '../alarms/sqlite-alarm-queue-repository.js';
import { createSqliteProjectedAlarmRepository } from '../alarms/sqlite-alarm-repository.js';
import { createSqliteAlarmTimelineRepository } from '../alarms/sqlite-alarm-timeline-repository.js';
import { createSqliteProjectedCalendarRepository } from '../calendars/sqlite-calendar-repository.js';
import type { ReportsDatabase } from '../db/reports-database.js';
import { createSqliteProjectionStore } from '../db/sqlite-projection-store.js';
import { createSqliteDeviceListRepository } from '../devices/sqlite-device-repository.js';
import { createSqliteProjectedExceptionRepository } from '../exceptions/sqlite-exception-repository.js';
import type { RequestQueriesOptions } from '../graphql/context.js';
import { createSqliteOpeningReader } from '../openings/sqlite-opening-repository.js';
import {
  createReadModelUpdater,
  type ReadModelUpdater,
  type ReadModelUpdaterOptions,
} from '../projector/read-model-updater.js';
import { createSqliteProjectedRuleRepository } from '../rules/sqlite-rule-repository.js';
import { createSqliteKnownUserRepository } from '../users/sqlite-known-user-repository.js';

/** The repositories of a read model that queries use. */
export type ReadModelRepositories = RequestQueriesOptions['repositories'];

/** A read model with the parts that read it and write it. */
export interface ReadModel {
  readonly database: ReportsDatabase;
  readonly repositories: ReadModelRepositories;
  readonly updater: ReadModelUpdater;
}

/** What happens after a commit to a read model. */
export interface ReadModelOptions extends Pick<
  ReadModelUpdaterOptions,
  'onCommitted' | 'publish' | 'onErased' | 'statistics' | 'tracing' | 'streamName'
> {
  /** Passes the outcome of a commit on, and records it. */
  readonly watchWrite: <Result>(write: Promise<Result>) => Promise<Result>;
  readonly logger: Logger;
}

/** @param loaded what an updater of the same database has loaded; without it, `updater.load` must be called */
export function createReadModel(
  database: ReportsDatabase,
  { watchWrite, ...options }: ReadModelOptions,
  loaded?: ReadModelUpdaterOptions['loaded'],
): ReadModel {
  const store = createSqliteProjectionStore(database.db);
  return {
    database,
    repositories: {
      rules: createSqliteProjectedRuleRepository(database.db),
      alarms: createSqliteProjectedAlarmRepository(database.db),
      alarmQueue: createSqliteAlarmQueueRepository(database.db),
      alarmTimeline: createSqliteAlarmTimelineRepository(database.db),
      openings: createSqliteOpeningReader(database.db),
      users: createSqliteKnownUserRepository(database.db),
      devices: createSqliteDeviceListRepository(database.db),
      calendars: createSqliteProjectedCalendarRepository(database.db),
      exceptions: createSqliteProjectedExceptionRepository(database.db),
    },
    updater: createReadModelUpdater({
      store: { ...store, commit: (commit) => watchWrite(store.commit(commit)) },
      ...options,
      ...(loaded && { loaded }),
    }),
  };
}
