import type { MaintenanceRecord } from '@seguridad-abc/contracts';
import type { Logger, StorageWatchOptions } from '@seguridad-abc/platform';
import type { HeartbeatConfig } from './config.js';
import type { HealthHistoryRepository, MaintenanceRepository } from './db/health-repositories.js';
import { openPostgresHealthDatabase } from './db/postgres-database.js';
import { openSelfHealingDatabase, type SelfHealingDatabaseOptions } from './db/self-healing-database.js';
import { assertHistoryCopied, assertHistoryNotMoved } from './store-migration/copied-history.js';

/** The database of the service: a file of this monitor, or PostgreSQL, which the monitors share. */
export interface ServiceDatabase {
  readonly history: HealthHistoryRepository;
  readonly maintenance: MaintenanceRepository;
  /** The path of the database. Undefined: PostgreSQL. */
  readonly file: string | undefined;
  readonly watch: Pick<StorageWatchOptions, 'folder' | 'tryWrite'>;
  /** What is wrong with the content or the schema, or was within the last minutes, as one clause. */
  readonly problem: string | undefined;
  /** The newest damaged file that is kept in the folder. */
  readonly damagedFile: string | undefined;
  close(): void | Promise<void>;
}

export interface ServiceDatabaseOptions extends Omit<SelfHealingDatabaseOptions, 'folder'> {
  /** Called with the stored maintenance if PostgreSQL was away at the start. */
  readonly onLateMaintenance: (records: readonly MaintenanceRecord[]) => void;
  readonly logger: Logger;
}

/** How often PostgreSQL is tried that was away at the start. */
const RETRY_MS = 2_000;

/**
 * Opens the database that the settings name.
 * @throws StartError if it cannot be used. PostgreSQL may be away
 */
export const openServiceDatabase = (
  config: HeartbeatConfig,
  options: ServiceDatabaseOptions,
): Promise<ServiceDatabase> =>
  config.DATABASE_URL === undefined
    ? Promise.resolve(openOwnDatabase(config.DATA_DIR, options))
    : openSharedDatabase(config.DATABASE_URL, options);

function openOwnDatabase(folder: string, options: ServiceDatabaseOptions): ServiceDatabase {
  assertHistoryNotMoved(folder);
  const database = openSelfHealingDatabase({ ...options, folder });
  return {
    history: database.history,
    maintenance: database.maintenance,
    file: database.file,
    watch: { folder, tryWrite: () => database.tryWrite() },
    get problem() {
      return database.recentDamage;
    },
    get damagedFile() {
      return database.damagedFile;
    },
    close: () => database.close(),
  };
}

async function openSharedDatabase(
  url: string,
  { onLateMaintenance, onStatement, logger }: ServiceDatabaseOptions,
): Promise<ServiceDatabase> {
  const database = await openPostgresHealthDatabase({
    url,
    check: assertHistoryCopied,
    retryMs: RETRY_MS,
    onAvailable() {
      database.maintenance.findAll().then(onLateMaintenance, (error: unknown) => {
        logger.error({ err: error }, 'the stored maintenance cannot be read');
      });
    },
    onStatement,
    logger,
  });
  return {
    history: database.history,
    maintenance: database.maintenance,
    file: undefined,
    watch: { tryWrite: () => database.tryWrite() },
    get problem() {
      return database.fault;
    },
    damagedFile: undefined,
    close: () => database.close(),
  };
}
