import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPostgresConnection,
  createStoreCopy,
  finishFileCopy,
  openCopySource,
  parsePostgresUrl,
  runInTransaction,
  setNextId,
  StartError,
  summarizeStoreCopy,
  type Logger,
  type StoreCopy,
  type StoreCopyOptions,
  type StoreCopySummary,
} from '@seguridad-abc/platform';
import { openHeartbeatDatabase } from '../db/heartbeat-database.js';
import { migrateHealthDatabase } from '../db/postgres-database.js';
import { HISTORY_COPY_RECORDS, HISTORY_FILE, listHistoryTables } from './copied-history.js';

export interface HistoryMigrationOptions extends Pick<StoreCopyOptions, 'onTable' | 'isStopped'> {
  /** The data folder with `heartbeat.sqlite`. */
  readonly folder: string;
  /** The URL of a PostgreSQL database without a health history, or of one that an earlier call has begun to fill. */
  readonly databaseUrl: string;
  /** Whether to copy the rest and to verify everything; heartbeat must be stopped. Otherwise it may run. */
  readonly isFinishing: boolean;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

const APPLICATION_NAME = 'seguridad heartbeat copy';
/** The copy of heartbeat among those of the services. */
const LOCK_ID = 2;
/** Each monitor has the whole history, so it does not matter which one is copied. */
const SOURCE_ID = 'health history';

/**
 * Copies the health history and maintenance of one monitor from SQLite to PostgreSQL. Calls without `isFinishing` copy what has
 * changed while heartbeat works; a call that was interrupted continues where it was. The last call copies the rest without
 * heartbeat, and compares all rows of both databases.
 * @returns undefined if an earlier call was the last one
 * @throws StartError if the target has a history, the source cannot be used, or the databases differ
 */
export async function migrateHistory(
  options: HistoryMigrationOptions,
): Promise<StoreCopySummary | undefined> {
  const { folder, databaseUrl, isFinishing, onTable, isStopped, now, logger } = options;
  await migrateHealthDatabase(databaseUrl, logger);
  const target = createPostgresConnection({
    address: parsePostgresUrl(databaseUrl),
    applicationName: APPLICATION_NAME,
    logger,
  });
  try {
    const copy = createStoreCopy({
      target: target.db,
      tables: listHistoryTables(),
      records: HISTORY_COPY_RECORDS,
      lockId: LOCK_ID,
      onTable,
      isStopped,
    });
    if (!isFinishing) return await copyWhileRunning(folder, copy);
    return await finishFileCopy({
      target: target.db,
      records: HISTORY_COPY_RECORDS,
      folder,
      file: HISTORY_FILE,
      now,
      copy: () => copyRest(folder, target.db, copy),
    });
  } finally {
    // The lock ends with the connection.
    await target.close();
  }
}

async function copyWhileRunning(folder: string, copy: StoreCopy): Promise<StoreCopySummary> {
  const source = openCopySource(join(folder, HISTORY_FILE.name));
  try {
    await copy.begin(SOURCE_ID);
    return summarizeStoreCopy(await copy.copyChanges(source), false);
  } finally {
    source.close();
  }
}

/** Copies the rest while heartbeat is stopped. */
async function copyRest(folder: string, db: object, copy: StoreCopy): Promise<StoreCopySummary> {
  const file = join(folder, HISTORY_FILE.name);
  if (!existsSync(file))
    throw new StartError(`${file} does not exist. Set DATA_DIR to the data folder of heartbeat.`);
  // It takes the lock of heartbeat, so heartbeat is stopped until the end.
  const database = openHeartbeatDatabase(folder);
  try {
    await copy.begin(SOURCE_ID);
    const results = await copy.copyRest(database.db.$client);
    await runInTransaction(db, async () => {
      for (const table of listHistoryTables()) await setNextId(db, table);
    });
    return summarizeStoreCopy(results, true);
  } finally {
    database.close();
  }
}
