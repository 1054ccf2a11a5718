import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getLogPageEnd } from '@seguridad-abc/contracts';
import {
  createCheckpoint,
  lockDataFolder,
  openDatabaseFile,
  StartError,
  type Logger,
  type SqliteFile,
} from '@seguridad-abc/platform';
import { openReportsDatabase } from '../db/reports-database.js';
import { createSqliteProjectionStore } from '../db/sqlite-projection-store.js';
import { MAX_ENTRIES_PER_LOG_READ } from '../domain/projection.js';
import { INITIAL_CHECKPOINT, type ReadModelCheckpoint } from '../domain/read-model.js';
import type { ReadLogPage } from '../projector/log-client.js';
import { createReadModelUpdater } from '../projector/read-model-updater.js';
import { findDifferences, type RowDifference } from './compare-read-models.js';
import { repairRows } from './repair-rows.js';

export interface VerificationOptions {
  /** The folder with `reports.sqlite`. Reports may run. */
  readonly dataDir: string;
  readonly readLogPage: ReadLogPage;
  /** Whether differences are repaired. */
  readonly isRepairing: boolean;
  readonly onProgress?: ((position: number, end: number) => void) | undefined;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export interface VerificationReport {
  /** The position of the log at which the read model was compared. */
  readonly position: number;
  /** What differed, before a repair. */
  readonly differences: readonly RowDifference[];
  readonly isRepaired: boolean;
}

/** The name of a temporary folder in the data folder begins with it. */
const DRAFT_PREFIX = '.verify-';
const MIN_DRAFT_AGE_MS = 60_000;

/** Rows that one transaction repairs. The projector waits for it, a few milliseconds. */
const ROWS_PER_REPAIR = 500;
/** Reports removes rows before its checkpoint passes their removal. The comparison waits for that. */
const REMOVAL_WAIT_MS = 200;
const MAX_REMOVAL_WAITS = 300;

/**
 * Proves that the read model is equal to the event log while both change: projects the whole log once more into another
 * database, up to the checkpoint of the read model, and compares both in one snapshot.
 * @throws StartError if the read model cannot be compared with this log now
 */
export async function verifyReadModel(options: VerificationOptions): Promise<VerificationReport> {
  const { dataDir, isRepairing, logger } = options;
  const file = join(dataDir, 'reports.sqlite');
  const actual = openReadModel(file);
  await removeLeftDrafts(dataDir);
  const draft = await mkdtemp(join(dataDir, DRAFT_PREFIX));
  const expected = openReportsDatabase(draft);
  try {
    // A crash only loses the comparison.
    expected.db.$client.pragma('journal_mode = OFF');
    expected.db.$client.pragma('synchronous = OFF');
    const store = createSqliteProjectionStore(expected.db);
    const updater = createReadModelUpdater({
      store,
      onCommitted: () => undefined,
      publish: () => Promise.resolve(),
      logger,
    });
    await updater.load();
    const projectTo = (target: ReadModelCheckpoint) => projectLog(options, updater, target);
    const context: AlignedModels = { actual, expected: expected.db.$client, projectTo, options };
    // Most of the work needs no snapshot, which would keep SQLite from emptying the write-ahead log.
    await projectTo(readCheckpoint(actual));
    const { position, differences } = await withAlignedModels(context, 'deferred', (at) => ({
      position: at,
      differences: findDifferences(context.expected, actual),
    }));
    if (isRepairing && differences.length > 0) await repair(context);
    return { position, differences, isRepaired: isRepairing && differences.length > 0 };
  } finally {
    actual.close();
    expected.close();
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes the databases of verifications that were killed: an erasure of a user does not reach them. */
async function removeLeftDrafts(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(DRAFT_PREFIX))) {
    const folder = join(dataDir, name);
    try {
      // A verification that has just begun may not have its lock yet.
      if (Date.now() - (await stat(folder)).mtimeMs < MIN_DRAFT_AGE_MS) continue;
      lockDataFolder(folder, 'reports')();
      await rm(folder, { recursive: true, force: true });
    } catch {
      // It is in use, or was just removed.
    }
  }
}

function openReadModel(file: string): SqliteFile {
  try {
    const database = openDatabaseFile(file, { isReadOnly: false });
    // Removed rows may be those of an erased user.
    database.pragma('secure_delete = ON');
    return database;
  } catch (error) {
    throw new StartError(
      `${file} cannot be read: ${(error as Error).message}. Set DATA_DIR to the data folder of reports.`,
    );
  }
}

/** Two read models of one log. */
interface AlignedModels {
  readonly actual: SqliteFile;
  readonly expected: SqliteFile;
  readonly projectTo: (target: ReadModelCheckpoint) => Promise<void>;
  readonly options: VerificationOptions;
}

/** Runs synchronous work in a transaction in which both read models are at the same position. */
async function withAlignedModels<Result>(
  { actual, projectTo, options }: AlignedModels,
  mode: 'deferred' | 'immediate',
  work: (position: number) => Result,
): Promise<Result> {
  for (let waits = 0; waits < MAX_REMOVAL_WAITS; waits++) {
    // Outside of the transaction: a writer does not wait while the log is read.
    const aligned = readCheckpoint(actual);
    await projectTo(aligned);
    if (mode === 'immediate' && (await isRemovalNext(aligned, options))) {
      await delay(REMOVAL_WAIT_MS, undefined, { signal: options.signal });
      continue;
    }
    actual.exec(`begin ${mode}`);
    try {
      const present = readCheckpoint(actual);
      if (mode === 'immediate' && present.position !== aligned.position) continue;
      // Writers do not wait for a reader, so the log can be read meanwhile.
      if (mode === 'deferred') await projectTo(present);
      const isRemoving = mode === 'deferred' && (await isRemovalNext(present, options));
      if (!isRemoving) return work(present.position);
    } finally {
      actual.exec('commit');
    }
    await delay(REMOVAL_WAIT_MS, undefined, { signal: options.signal });
  }
  throw new StartError(
    'The read model changes too fast, or reports does not advance. See npm run status, and repeat the command.',
  );
}

/** Reports removes rows for these events before its checkpoint passes them. */
const REMOVING_EVENTS: ReadonlySet<string> = new Set(['UserErased', 'HistoryRemoved']);

/** Whether reports may be removing rows now. Its checkpoint passes the event afterwards. */
async function isRemovalNext(
  { position }: ReadModelCheckpoint,
  { readLogPage, signal }: VerificationOptions,
): Promise<boolean> {
  const { entries } = await readLogPage({ logId: null, position }, 1, signal);
  return entries.some(({ type }) => REMOVING_EVENTS.has(type));
}

/** Repairs some rows at a time, until none differs. */
async function repair(context: AlignedModels): Promise<void> {
  for (;;) {
    const found = await withAlignedModels(context, 'deferred', () =>
      findDifferences(context.expected, context.actual, { maxDifferences: ROWS_PER_REPAIR }),
    );
    if (found.length === 0) return;
    const some = found.slice(0, ROWS_PER_REPAIR);
    await withAlignedModels(context, 'immediate', () => repairRows(context.expected, context.actual, some));
  }
}

function readCheckpoint(model: SqliteFile): ReadModelCheckpoint {
  const row = model
    .prepare<[], { logId: string | null; position: number; mark: string | null }>(
      'select log_id as logId, position, mark from checkpoint',
    )
    .get();
  if (!row) return INITIAL_CHECKPOINT;
  return { logId: row.logId, position: row.position, ...(row.mark !== null && { mark: row.mark }) };
}

/** Projects the log up to a checkpoint of the read model that is compared. */
async function projectLog(
  { readLogPage, signal, onProgress }: VerificationOptions,
  updater: ReturnType<typeof createReadModelUpdater>,
  target: ReadModelCheckpoint,
): Promise<void> {
  if (target.position < updater.checkpoint.position)
    throw new StartError('The read model was replaced during the comparison: repeat the command.');
  while (updater.checkpoint.position < target.position) {
    const { position } = updater.checkpoint;
    const limit = Math.min(MAX_ENTRIES_PER_LOG_READ, target.position - position);
    const page = await readLogPage({ logId: null, position }, limit, signal);
    if (target.logId !== page.logId)
      throw new StartError(
        `The read model holds log ${target.logId ?? '?'}, but monitoring's log is ${page.logId}. Wait until reports has followed it, and repeat the command.`,
      );
    if (page.isCompacted)
      throw new StartError('The log was compacted during the comparison: repeat the command.');
    const end = getLogPageEnd(page, position);
    if (end.position > target.position)
      throw new StartError(
        `The read model is at position ${target.position}, but the log is compacted up to ${page.snapshotUpTo ?? end.position}. Wait until reports has followed it, and repeat the command.`,
      );
    if (end.position === position)
      throw new StartError(
        `The read model is at position ${target.position}, but the log ends at ${page.head}. Wait until reports has followed it, and repeat the command.`,
      );
    await updater.apply(page.entries, createCheckpoint(page.logId, end.position, end.mark));
    onProgress?.(end.position, target.position);
  }
}
