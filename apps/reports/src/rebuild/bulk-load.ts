import { closeSync, fsyncSync, openSync } from 'node:fs';
import { getLogPageEnd, type LogEntry, type LogPage } from '@seguridad-abc/contracts';
import { createCheckpoint, type LogCheckpoint, type Logger } from '@seguridad-abc/platform/storage';
import { openReportsFile, type ReportsDrizzle } from '../db/reports-database.js';
import { createSqliteProjectionStore } from '../db/sqlite-projection-store.js';
import { createReadModelUpdater } from '../projector/read-model-updater.js';

export interface BulkLoadOptions {
  /** The path of the new database. */
  readonly file: string;
  readonly logId: string;
  /** The last position to load. The log must have it. */
  readonly upTo: number;
  /** Reads at most `limit` entries of the event log after a checkpoint. It retries by itself. */
  readonly readPage: (from: LogCheckpoint, limit: number) => Promise<LogPage>;
  /** Called after each transaction with the position that is loaded. */
  readonly onProgress: (position: number) => void;
  readonly logger: Logger;
}

/** The largest page of monitoring's `GET /log`. */
const MAX_PAGE_ENTRIES = 1_000;
/** Entries of one transaction, and items of their lists. Nobody waits for this database, so transactions may take long. */
const MAX_TRANSACTION_WEIGHT = 20_000;
/** Pages that are collected for a transaction. Each has at most 1 MiB, or one entry. */
const MAX_COLLECTED_PAGES = 20;
/** Memory for pages of the database, which also sorts the entries of indexes. */
const PAGE_CACHE_KIB = 65_536; // 64 MiB

/**
 * Loads the event log into a new read model, many times faster than the projector: in large transactions, without indexes until
 * all rows are there, and without a rollback journal. A file that was not loaded to its end is of no use.
 * @throws Error if the log is not the expected one; the error of SQLite if the file cannot be written
 */
export async function loadLogInBulk(options: BulkLoadOptions): Promise<void> {
  const { file, upTo, readPage, onProgress, logger } = options;
  const database = openReportsFile(file);
  try {
    const { $client } = database.db;
    $client.pragma('journal_mode = DELETE');
    $client.pragma('journal_mode = OFF');
    $client.pragma('synchronous = OFF');
    $client.pragma('locking_mode = EXCLUSIVE');
    $client.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
    const createIndexes = dropIndexes(database.db);
    const updater = createReadModelUpdater({
      store: createSqliteProjectionStore(database.db),
      onCommitted: () => undefined,
      publish: () => Promise.resolve(),
      maxBatchWeight: MAX_TRANSACTION_WEIGHT,
      // Without a rollback journal, a failed transaction spoils the file.
      setsAsideFailures: false,
      logger,
    });
    await updater.load();

    const read = async (from: LogCheckpoint): Promise<LoadedPage> => {
      const page = await readPage(from, Math.min(MAX_PAGE_ENTRIES, upTo - from.position));
      const { position, mark } = getLogPageEnd(page, from.position);
      const isContinued = position > from.position && position <= upTo && page.head >= upTo;
      if (page.logId !== options.logId || !isContinued)
        throw new Error(`monitoring's log has changed: it does not continue to position ${upTo}`);
      return { entries: page.entries, reached: createCheckpoint(options.logId, position, mark) };
    };
    let collected: LogEntry[] = [];
    let collectedPages = 0;
    let reached = createCheckpoint(options.logId, 0, undefined);
    let next = read(reached);
    while (reached.position < upTo) {
      const page = await next;
      reached = page.reached;
      // Monitoring prepares the next page while this one is projected.
      if (reached.position < upTo) {
        next = read(reached);
        next.catch(() => undefined);
      }
      collected.push(...page.entries);
      collectedPages += 1;
      if (collectedPages < MAX_COLLECTED_PAGES && reached.position < upTo) continue;
      await updater.apply(collected, reached);
      collected = [];
      collectedPages = 0;
      onProgress(reached.position);
    }
    createIndexes();
  } finally {
    database.close();
  }
  // Before the file replaces the current one, it must be on the disk.
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

interface LoadedPage {
  readonly entries: readonly LogEntry[];
  /** What the page reaches. */
  readonly reached: LogCheckpoint;
}

/** The writer finds openings and entries of timelines by these indexes. The others are for queries. */
const WRITER_INDEXES: ReadonlySet<string> = new Set(['openings_of_user', 'alarm_timeline_of_alarm']);

/** Removes the indexes that only queries use. @returns a function that creates them, which is faster after all rows are there */
function dropIndexes({ $client }: ReportsDrizzle): () => void {
  const all = $client
    .prepare(`select name, sql from sqlite_master where type = 'index' and sql is not null`)
    .all() as { readonly name: string; readonly sql: string }[];
  const indexes = all.filter(({ name }) => !WRITER_INDEXES.has(name));
  for (const { name } of indexes) $client.exec(`drop index "${name}"`);
  return () => {
    for (const { sql } of indexes) $client.exec(sql);
  };
}
