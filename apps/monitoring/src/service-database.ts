import {
  resolveInstanceId,
  tryDatabaseWrite,
  type Logger,
  type StorageWatchOptions,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import type { MonitoringConfig } from './config.js';
import { openMonitoringDatabase, rescueDatabase, type MonitoringDatabase } from './db/monitoring-database.js';
import { queryRows } from './db/prepared-statement.js';
import { openPostgresMonitoringDatabase } from './db/postgres-database.js';
import { createLeadership } from './leadership/create-leadership.js';
import { ONLY_INSTANCE, type Leadership } from './leadership/leadership.js';
import { assertMonitoringCopied, assertMonitoringNotMoved } from './store-migration/copied-database.js';

/** The database of the service, and what depends on whether other instances share it. */
export interface ServiceDatabase {
  readonly database: MonitoringDatabase;
  readonly watch: Pick<StorageWatchOptions, 'folder' | 'tryWrite' | 'file' | 'onFileFault'>;
  readonly leadership: Leadership;
  /** Tells other instances that events were committed. */
  notifyOthers(): void;
  /** Calls a listener when other instances may have committed something. @returns a function that removes it */
  onOthersCommitted(listener: () => void): Promise<() => void>;
  /** Lets another instance lead, and closes the database. */
  close(): Promise<void>;
}

/** How often an instance looks for the commits of others: a notification may be lost. */
const POLL_INTERVAL_MS = 1_000;

/**
 * Opens the database that the settings name.
 * @throws StartError if it cannot be used
 */
export const openServiceDatabase = (config: MonitoringConfig, logger: Logger): Promise<ServiceDatabase> =>
  config.DATABASE_URL === undefined
    ? Promise.resolve(openOwnDatabase(config, logger))
    : openSharedDatabase(config, config.DATABASE_URL, logger);

function openOwnDatabase({ DATA_DIR }: MonitoringConfig, logger: Logger): ServiceDatabase {
  assertMonitoringNotMoved(DATA_DIR);
  const database = openMonitoringDatabase(DATA_DIR);
  return {
    database,
    watch: {
      folder: DATA_DIR,
      tryWrite: () => tryDatabaseWrite({ $client: database.client }),
      file: database.file,
      onFileFault: () => void rescueDatabase(database, logger),
    },
    leadership: ONLY_INSTANCE,
    notifyOthers: () => undefined,
    onOthersCommitted: () => Promise.resolve(() => undefined),
    close: () => database.close(),
  };
}

async function openSharedDatabase(
  config: MonitoringConfig,
  url: string,
  logger: Logger,
): Promise<ServiceDatabase> {
  const database = await openPostgresMonitoringDatabase({ url, logger });
  try {
    await assertMonitoringCopied(database.reader);
    await reportSharedInstanceId(database.control, resolveInstanceId(config, config.MONITORING_PORT), logger);
    const leadership = createLeadership(database, logger);
    await leadership.start();
    return {
      database,
      watch: { tryWrite: () => database.tryWrite() },
      leadership,
      notifyOthers: () => database.notifyOthers(),
      async onOthersCommitted(listener) {
        await database.onNotified(listener);
        const timer = setInterval(listener, POLL_INTERVAL_MS);
        return () => clearInterval(timer);
      },
      async close() {
        await leadership.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Identifies the locks of instance ids among the advisory locks of the database. */
const INSTANCE_ID_LOCK = sql.raw('1751347568');

/**
 * Logs an error if a connected instance has the same id: health would show the two as one. It is no reason not to start, because the
 * server may notice late that a machine is gone.
 * @param db a connection, which keeps the id until it ends
 */
export async function reportSharedInstanceId(db: object, instanceId: string, logger: Logger): Promise<void> {
  const [lock] = await queryRows<{ isFree: boolean }>(
    db,
    sql`select pg_try_advisory_lock(${INSTANCE_ID_LOCK}, hashtext(${instanceId})) as "isFree"`,
  );
  if (!lock?.isFree)
    logger.error(
      { instance: instanceId },
      'another instance of monitoring has the same INSTANCE_ID: set another one, or health shows both as one',
    );
}
