import { setTimeout as delay } from 'node:timers/promises';
import { ACCEPTED_OUTCOME, formatInstant } from '@seguridad-abc/contracts';
import { ExpectedError, type Logger } from '@seguridad-abc/platform';
import { MAX_SMALL_SIZE, type GroupCommit, type WorkOptions } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent } from '../db/log-appends.js';
import type { UserLocks } from '../db/user-locks.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import { createSnapshotSelection, type SnapshotSelection } from '../domain/log-snapshot.js';
import {
  addRows,
  createCompactionTables,
  NO_ROWS,
  toSelectableEntry,
  type RemovedRows,
  type RemovedSomeRows,
  type SomeRows,
  type StoredEntry,
} from './compaction-tables.js';
import type { HistoryHorizon } from './history-horizon.js';
import { writeLogArchive } from './log-archive.js';

export interface CompactionRequest {
  /** What ended before this instant is removed: an instant in UTC with milliseconds. */
  readonly before: string;
  /** Where the removed entries of the log are written first. @default nowhere */
  readonly archiveFolder?: string | undefined;
  /** Only counts. */
  readonly isDryRun?: boolean | undefined;
}

/** What a compaction has removed, or would remove. */
export interface CompactionResult extends RemovedRows {
  readonly before: string;
  /** The position up to which the log is compacted; 0: it is not. */
  readonly position: number;
  /** Entries of the log that are removed, without those that the snapshot keeps. */
  readonly entries: number;
  /** Entries of the snapshot. */
  readonly keptEntries: number;
  /** The path of the archive; null if none was written. */
  readonly archive: string | null;
  readonly isDryRun: boolean;
}

/** What is known of the size of the log. */
export interface LogSize {
  readonly entries: number;
  readonly snapshotEntries: number;
  /** The position of the first entry that is neither removed nor a part of the snapshot. */
  readonly firstPosition: number | undefined;
  /** The horizon in milliseconds since 1970; undefined: nothing is removed. */
  readonly beforeMs: number | undefined;
  /** Entries that were removed since the start. */
  readonly removedEntries: number;
}

/** Removes old history, in small transactions beside the commands. */
export interface LogCompaction {
  /**
   * Compacts the log up to the last entry from before an instant, and removes what ended before it.
   * @throws ExpectedError BAD_USER_INPUT if the instant is too late; CONFLICT if a compaction or an erasure runs, or if another
   * instance leads
   */
  run(request: CompactionRequest): Promise<CompactionResult>;
  /** Continues a compaction that a crash or another leader has interrupted, if this instance leads. */
  resume(): Promise<void>;
  readonly isRunning: boolean;
  readSize(): Promise<LogSize>;
  /** Resolves when nothing is removed any more. */
  stop(): Promise<void>;
}

export interface LogCompactionOptions {
  readonly db: MonitoringDrizzle;
  /** Reads what is committed. */
  readonly reader: MonitoringDrizzle;
  readonly getLogId: () => Promise<string>;
  readonly horizon: HistoryHorizon;
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Runs work of the leader: it fails if another instance leads. */
  readonly transactAsLeader: GroupCommit;
  readonly tryLockUser: UserLocks['tryLockUser'];
  /** Whether this instance does the work that only one may do. */
  readonly isLeader: () => boolean;
  /** Removes what is deleted from the files beside the database that this process can reach. */
  readonly emptyDatabaseLog: () => void;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
  /** Called after each transaction, and awaited. For tests. */
  readonly onSlice?: ((step: CompactionStep) => Promise<void> | void) | undefined;
}

export type CompactionStep = 'snapshot' | 'published' | 'entries' | 'rows';

/** History of this age and younger is always kept: readings arrive late, and readers may be behind. */
export const MIN_HORIZON_AGE_MS = 24 * 60 * 60 * 1_000; // 1 day

/** Commands wait for a slice: for this time, and for its last statement. */
const SLICE_MS = 5;
/** A compaction uses at most half of the time of this process. */
const PAUSE_PER_SLICE = 1;
const ENTRIES_PER_READ = 50;
/** Slices take turns with the callers of commands, after small commands. */
const COMPACTION_OWNER = 'compaction';
const SLICE_SIZE = MAX_SMALL_SIZE + 1;

/** The service compacts the log by itself, or for an operator of the machine. */
const COMPACTING_CALLER = { actor: 'monitoring', role: 'operator', address: null, userId: null } as const;

class CompactionStoppedError extends Error {
  override name = 'CompactionStoppedError';
}

/**
 * A compaction builds a snapshot beside the log: the entries from which the states at the horizon can be derived again. One
 * transaction then makes it the beginning of the log, and appends `HistoryRemoved`. The entries that the snapshot replaces, and
 * old rows of the tables, are deleted afterwards. A crash before that transaction changes nothing; after it, the next start
 * deletes the rest.
 */
export function createLogCompaction(options: LogCompactionOptions): LogCompaction {
  const { horizon, appendEvent, appendAuditEntry, transactAsLeader, now, logger, onSlice } = options;
  const tables = createCompactionTables(options.db);
  const committed = createCompactionTables(options.reader);
  let running: Promise<unknown> | undefined;
  /** Several metrics ask at once, and counting a large snapshot takes long. */
  let readingSize: Promise<LogSize> | undefined;
  let isStopped = false;
  let removedEntries = 0;

  const createPace = () => {
    let startedAt = performance.now();
    return async (): Promise<void> => {
      const elapsed = performance.now() - startedAt;
      if (elapsed < SLICE_MS) return;
      await delay(Math.ceil(elapsed * PAUSE_PER_SLICE));
      if (isStopped) throw new CompactionStoppedError('monitoring stops');
      startedAt = performance.now();
    };
  };

  /**
   * Runs work in a transaction. It gets a function that tells whether its time is over.
   */
  const runSlice = async <Result>(
    step: CompactionStep,
    work: (isTimeOver: () => boolean) => Promise<Result>,
    { users = [], isExclusive }: Pick<WorkOptions, 'users' | 'isExclusive'> = {},
  ): Promise<Result> => {
    if (isStopped) throw new CompactionStoppedError('monitoring stops');
    let elapsed = 0;
    const result = await transactAsLeader(
      async () => {
        const startedAt = performance.now();
        const done = await work(() => performance.now() - startedAt > SLICE_MS);
        elapsed = performance.now() - startedAt;
        return done;
      },
      { size: SLICE_SIZE, owner: COMPACTION_OWNER, users, isExclusive },
    );
    await delay(Math.ceil(elapsed * PAUSE_PER_SLICE));
    await onSlice?.(step);
    return result;
  };

  /** Reads the entries up to a position: those of the present snapshot, then those of the log. */
  async function* readLog(snapshot: number, upTo: number): AsyncGenerator<StoredEntry> {
    const pace = createPace();
    if (snapshot > 0)
      yield* readPages((after) => committed.readSnapshot(snapshot, after, ENTRIES_PER_READ), 0, pace);
    yield* readPages((after) => committed.readEvents(after, upTo, ENTRIES_PER_READ), snapshot, pace);
  }

  const selectSnapshot = async (before: string, snapshot: number, upTo: number) => {
    const selection = createSnapshotSelection(before);
    let entries = 0;
    for await (const stored of readLog(snapshot, upTo)) {
      selection.observe(toSelectableEntry(stored));
      entries += 1;
    }
    if (selection.needsSecondPass)
      for await (const stored of readLog(snapshot, upTo)) selection.observeAgain(toSelectableEntry(stored));
    return { selection, positions: selection.listPositions(), entries };
  };

  const writeSnapshot = async (
    selection: SnapshotSelection,
    positions: readonly number[],
    snapshot: number,
    next: number,
  ): Promise<void> => {
    for (let done = 0; done < positions.length;)
      done = await runSlice('snapshot', async (isTimeOver) => {
        let reached = done;
        while (reached < positions.length && !isTimeOver()) {
          const some = positions.slice(reached, reached + ENTRIES_PER_READ);
          for (const stored of await tables.readAt(some, snapshot)) {
            const selected = toSnapshotEntry(selection, stored);
            if (selected) await tables.addToSnapshot(next, selected);
          }
          reached += some.length;
        }
        return reached;
      });
  };

  /** Deletes the entries that the snapshot replaces, and snapshots that are not in use. */
  const deleteEntries = async (): Promise<void> => {
    const { position = 0 } = (await committed.getHorizon()) ?? {};
    const deleteSome = async (isTimeOver: () => boolean) => {
      let entries = 0;
      for (;;) {
        const deleted = await tables.deleteSomeEntries(position);
        entries += deleted.entries;
        if (deleted.entries + deleted.snapshotEntries === 0) return { entries, isDone: true };
        if (isTimeOver()) return { entries, isDone: false };
      }
    };
    for (let isDone = false; !isDone;) {
      const deleted = await runSlice('entries', deleteSome);
      removedEntries += deleted.entries;
      isDone = deleted.isDone;
    }
  };

  /** Deletes what the snapshot replaces, and what is older than the horizon. */
  const deleteRest = async (): Promise<RemovedRows> => {
    const { before } = (await committed.getHorizon()) ?? {};
    await deleteEntries();
    const removed = { ...NO_ROWS };
    if (before === undefined) return removed;
    while (await runSlice('rows', async () => (await tables.removeSomeCalendarVersions(before)) > 0));
    let busyUsers: readonly string[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const from: number = after;
      const removeSome = (isTimeOver: () => boolean) =>
        tables.removeSomeRows(from, before, options.tryLockUser, isTimeOver);
      const some: RemovedSomeRows = await runSlice('rows', removeSome, { users: busyUsers });
      addRows(removed, some.rows);
      after = some.last;
      busyUsers = some.busyUser === undefined ? [] : [some.busyUser];
    }
    return removed;
  };

  const countRows = async (before: string): Promise<RemovedRows> => {
    const counted = { ...NO_ROWS };
    const pace = createPace();
    for (let after: number | undefined = 0; after !== undefined;) {
      const some: SomeRows = await committed.countSomeRows(after, before);
      addRows(counted, some.rows);
      after = some.last;
      await pace();
    }
    return counted;
  };

  const publish = async (before: string, position: number) => {
    if (await tables.hasPendingErasure()) throw createErasureConflict();
    const at = now();
    await tables.setHorizon({ before, position, compactedAt: at });
    appendEvent({ type: 'HistoryRemoved', version: 1, data: { before, position } }, at, null);
    appendAuditEntry(
      {
        action: 'removeHistory',
        outcome: ACCEPTED_OUTCOME,
        ...COMPACTING_CALLER,
        subject: String(position),
        after: { historyBefore: before },
      },
      at,
    );
  };

  const compact = async ({
    before,
    archiveFolder,
    isDryRun = false,
  }: CompactionRequest): Promise<CompactionResult> => {
    const latest = formatInstant(Date.parse(now()) - MIN_HORIZON_AGE_MS);
    const stored = await committed.getHorizon();
    const snapshot = stored?.position ?? 0;
    assertHorizonAllowed(before, stored?.before, latest);
    if (await committed.hasPendingErasure()) throw createErasureConflict();
    const position = await committed.findLastBefore(before, snapshot);
    const { selection, positions, entries } = await selectSnapshot(before, snapshot, position);
    const keptEntries = positions.length;
    const counts = { before, position, keptEntries, isDryRun };
    if (isDryRun)
      return { ...counts, ...(await countRows(before)), entries: entries - keptEntries, archive: null };

    const hasNewEntries = position > snapshot;
    const archive =
      archiveFolder === undefined || !hasNewEntries
        ? null
        : await writeLogArchive({
            folder: archiveFolder,
            logId: await options.getLogId(),
            firstPosition: snapshot + 1,
            lastPosition: position,
            entries: readPages(
              (after) => committed.readEvents(after, position, ENTRIES_PER_READ),
              snapshot,
              createPace(),
            ),
            now: now(),
          });
    try {
      await horizon.announce(before);
      if (hasNewEntries) await writeSnapshot(selection, positions, snapshot, position);
      await runSlice('published', () => publish(before, position), { isExclusive: true });
    } catch (error) {
      await horizon.reload().catch(() => undefined);
      throw error;
    }
    await horizon.reload();
    const removed = await deleteRest();
    options.emptyDatabaseLog();
    const result = { ...counts, ...removed, entries: entries - keptEntries, archive };
    logger.info(result, 'old history is removed');
    return result;
  };

  const readSize = async (): Promise<LogSize> => {
    const { position = 0, before } = (await committed.getHorizon()) ?? {};
    const head = await committed.getHead();
    return {
      entries: head - position,
      snapshotEntries: position === 0 ? 0 : await committed.countSnapshotEntries(position),
      firstPosition: head > position ? position + 1 : undefined,
      beforeMs: before === undefined ? undefined : Date.parse(before),
      removedEntries,
    };
  };

  const runAlone = <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running)
      throw new ExpectedError('CONFLICT', 'History is being removed already. Repeat it when that has ended.');
    if (!options.isLeader())
      throw new ExpectedError(
        'CONFLICT',
        'Another instance of monitoring leads and removes history. Send the request to that one.',
      );
    const result = work();
    running = result
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
    return result;
  };

  return {
    get isRunning() {
      return running !== undefined;
    },
    run: async (request) => runAlone(() => compact(request)),
    async resume() {
      // What an earlier leadership of this instance has begun may not have ended yet.
      while (running) await running;
      if (!options.isLeader()) return;
      await runAlone(async () => {
        try {
          await deleteRest();
        } catch (error) {
          if (!(error instanceof CompactionStoppedError)) throw error;
        }
      });
    },
    readSize: () =>
      (readingSize ??= readSize().finally(() => {
        readingSize = undefined;
      })),
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

/** Yields the entries of pages one after the other. */
async function* readPages(
  readPage: (after: number) => Promise<readonly StoredEntry[]>,
  from: number,
  pace: () => Promise<void>,
): AsyncGenerator<StoredEntry> {
  for (let after = from; ;) {
    const page = await readPage(after);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.position;
    await pace();
  }
}

/** @returns undefined if an erasure has removed what the entry contributed */
function toSnapshotEntry(selection: SnapshotSelection, stored: StoredEntry): StoredEntry | undefined {
  const entry = toSelectableEntry(stored);
  const selected = selection.select(entry);
  if (!selected || selected === entry) return selected && stored;
  return { ...stored, type: selected.type, version: selected.version, data: JSON.stringify(selected.data) };
}

function assertHorizonAllowed(before: string, stored: string | undefined, latest: string): void {
  if (before > latest)
    throw new ExpectedError(
      'BAD_USER_INPUT',
      `History of the last 24 hours is kept: choose an instant up to ${latest}.`,
    );
  if (stored !== undefined && before < stored)
    throw new ExpectedError(
      'BAD_USER_INPUT',
      `The history from before ${stored} is removed already: choose that instant or a later one.`,
    );
}

const createErasureConflict = () =>
  new ExpectedError(
    'CONFLICT',
    'The data of a user is being erased. Remove history when that is complete: see npm run status.',
  );
