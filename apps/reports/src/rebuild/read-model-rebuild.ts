import { setTimeout as delay } from 'node:timers/promises';
import { getLogPageEnd, type LogPage } from '@seguridad-abc/contracts';
import { createCheckpoint, getErrorMessage, removeSqliteFiles, type Logger } from '@seguridad-abc/platform';
import { INITIAL_CHECKPOINT } from '../domain/read-model.js';
import type { ReadLogPage } from '../projector/log-client.js';
import type { DownloadSnapshot, SnapshotProgress } from '../snapshot/snapshot-client.js';
import { loadLogInThread, type BulkLoadJob } from './bulk-load-thread.js';
import type { CurrentReadModel } from './current-read-model.js';
import type { ReadModel } from './read-model.js';

/** How far a rebuild is. */
export interface RebuildProgress {
  /** Why the read model is built again: a clause with the read model as its subject. */
  readonly reason: string;
  /** The position up to which the new read model has the log. */
  readonly done: number;
  /** The position at which it replaces the current one. Undefined until the log was read. */
  readonly total: number | undefined;
  /** By the monotonic clock, in ms. */
  readonly startedAt: number;
  /** Why it does not advance now. */
  readonly problem: string | undefined;
  /** The snapshot of another instance that is being downloaded, with which the new read model begins. */
  readonly snapshot?: SnapshotProgress | undefined;
}

/** The outcome of a rebuild. */
export interface CompletedRebuild {
  readonly entries: number;
  readonly durationMs: number;
}

export interface ReadModelRebuildOptions {
  readonly readModel: CurrentReadModel;
  readonly readLogPage: ReadLogPage;
  /** What a thread needs to read the log. */
  readonly thread: Pick<BulkLoadJob, 'monitoringUrls' | 'headers' | 'pageTimeoutMs' | 'logLevel'>;
  /** A log with fewer entries is loaded without a thread. @default {@link MIN_BULK_ENTRIES} */
  readonly minBulkEntries?: number | undefined;
  /**
   * Downloads a snapshot of another instance, with which a new read model begins instead of an empty one. A rebuild that an operator
   * requests begins with none: it is to be built from the log. @default there are no other instances
   */
  readonly downloadSnapshot?: DownloadSnapshot | undefined;
  readonly logger: Logger;
}

/** Builds the read model again from the event log, while queries read the current one. */
export interface ReadModelRebuild {
  /**
   * Starts a rebuild, or joins the one that runs.
   * @param reason a clause with the read model as its subject, such as "it is damaged"
   * @param kind a `repair` begins some seconds after the end of the last rebuild
   * @returns resolves when the new read model has replaced the current one, or this process stops
   */
  start(reason: string, kind?: 'repair' | 'request'): Promise<void>;
  /** Resolves when the rebuild that runs has read the log for the first time, or has failed to. */
  waitUntilBegun(): Promise<void>;
  /** Undefined while none runs. */
  readonly progress: RebuildProgress | undefined;
  /** The last one. */
  readonly completed: CompletedRebuild | undefined;
  /** The instant of the log's first event, in ms since 1970; 0 while it is not known. */
  readonly firstEventAt: number;
  /** Stops the rebuild. The next start of reports begins a new one. */
  stop(): Promise<void>;
}

/** A smaller log takes less time than the start of a thread. */
export const MIN_BULK_ENTRIES = 2_000;
/** So few entries are loaded while the projector waits, before the new read model replaces the current one. */
const MAX_FINAL_ENTRIES = 500;
const MIN_RETRY_DELAY_MS = 100;
const MAX_RETRY_DELAY_MS = 1_000;
/** A disk that damages each new read model must not keep this process busy. */
const MIN_PAUSE_MS = 5_000;

/**
 * The new read model is built in a file beside the current one, first by a thread in bulk, then here up to the position of
 * the current one, which the projector still advances. It replaces the current one at exactly that position: changes up to it
 * were published before, and the projector publishes those after it. So subscribers receive no change again and miss none.
 * A snapshot of another instance may be ahead of that position: that instance has published the changes in between.
 * If there is no usable read model, the end of the log at this moment takes the place of its position.
 */
export function createReadModelRebuild(options: ReadModelRebuildOptions): ReadModelRebuild {
  const { readModel, readLogPage, thread, minBulkEntries = MIN_BULK_ENTRIES, logger } = options;
  const { downloadSnapshot } = options;
  const abort = new AbortController();
  const { signal } = abort;
  let running: Promise<void> | undefined;
  let progress: RebuildProgress | undefined;
  let completed: CompletedRebuild | undefined;
  let endedAt = -Infinity;
  let firstEventAt = 0;
  let begun: Promise<void> = Promise.resolve();
  let resolveBegun = (): void => undefined;
  const createdAt = new Date().toISOString();

  const report = (part: Partial<RebuildProgress>) => {
    if (progress) progress = { ...progress, ...part };
  };

  const hasReadLog = () => progress?.total !== undefined;

  const reportProblem = (problem: string) => {
    if (progress?.problem !== problem)
      logger.warn({ reason: progress?.reason, problem }, 'the rebuild of the read model waits');
    report({ problem });
  };

  /** Loads the next page into the build. */
  const loadPage = async ({ updater }: ReadModel, logId: string, upTo: number) => {
    const { checkpoint } = updater;
    const limit = Math.min(MAX_FINAL_ENTRIES, upTo - checkpoint.position);
    const page = await readLogPage(checkpoint, limit, signal).catch((error: unknown) => {
      throw new LogUnavailableError(getErrorMessage(error));
    });
    const { position, mark } = getLogPageEnd(page, checkpoint.position);
    if (page.logId !== logId || position <= checkpoint.position || position > upTo)
      throw new Error(`monitoring's log does not continue to position ${upTo}`);
    await updater.apply(page.entries, createCheckpoint(logId, position, mark));
    report({ done: position, total: upTo, problem: undefined });
  };

  /** What is loaded stays while the log cannot be read. The projector waits only while it can. */
  const catchUpAndReplaceWhenPossible: typeof catchUpAndReplace = async (...args) => {
    for (;;) {
      try {
        await catchUpAndReplace(...args);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof LogUnavailableError)) throw error;
        reportProblem(error.message);
        await delay(MAX_RETRY_DELAY_MS, undefined, { signal });
      }
    }
  };

  const catchUpAndReplace = async (build: ReadModel, logId: string, getTarget: () => number) => {
    const getRemaining = () => getTarget() - build.updater.checkpoint.position;
    while (getRemaining() > MAX_FINAL_ENTRIES) await loadPage(build, logId, getTarget());
    await readModel.runExclusively(async () => {
      while (getRemaining() > 0) await loadPage(build, logId, getTarget());
      signal.throwIfAborted();
      readModel.replaceWith(build);
    });
  };

  /** @returns whether the file of the build is a snapshot of another instance */
  const beginWithSnapshot = async ({ logId, snapshotUpTo = 0 }: LogPage): Promise<boolean> => {
    const peer = await downloadSnapshot?.({
      file: readModel.buildFile,
      logId,
      minPosition: snapshotUpTo,
      onProgress: (snapshot) => report({ snapshot }),
      signal,
    });
    report({ snapshot: undefined });
    return peer !== undefined;
  };

  /** Loads the log up to a position into the file of the build. If that is not possible, there is none. */
  const loadInBulk = async (logId: string, upTo: number): Promise<void> => {
    const job = { ...thread, file: readModel.buildFile, logId, upTo, retryMs: MAX_RETRY_DELAY_MS };
    try {
      await loadLogInThread(
        job,
        ({ position, problem }) => report({ problem, ...(position !== undefined && { done: position }) }),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      // An entry that cannot be projected is set aside below, where each transaction can be rolled back.
      logger.warn({ err: error }, 'the log cannot be loaded in bulk: it is loaded page by page');
      removeSqliteFiles(readModel.buildFile);
    }
  };

  const rebuild = async (mayUseSnapshot: boolean): Promise<number> => {
    removeSqliteFiles(readModel.buildFile);
    const page = await readLogPage(INITIAL_CHECKPOINT, 1, signal);
    const { logId } = page;
    firstEventAt = Date.parse(page.entries[0]?.at ?? '') || 0;
    const getTarget = createTarget(readModel, page, createdAt);
    const upTo = getTarget();
    resolveBegun();
    report({ total: upTo, problem: undefined });
    // A file without events is replaced too, if it is missing or damaged.
    if (upTo === 0 && readModel.isIncomplete) {
      readModel.markComplete();
      return 0;
    }
    logger.info({ reason: progress?.reason, entries: upTo }, 'the read model is built again from the log');
    if (upTo >= minBulkEntries && !(mayUseSnapshot && (await beginWithSnapshot(page))))
      await loadInBulk(logId, upTo);
    const build = readModel.openBuild();
    try {
      await build.updater.load();
      report({ done: build.updater.checkpoint.position });
      await catchUpAndReplaceWhenPossible(build, logId, getTarget);
    } catch (error) {
      build.database.close();
      throw error;
    }
    return build.updater.checkpoint.position;
  };

  const run = async (reason: string, kind: 'repair' | 'request') => {
    const pauseMs = kind === 'repair' ? MIN_PAUSE_MS : 0;
    let mayUseSnapshot = kind === 'repair';
    const startedAt = performance.now();
    progress = { reason, done: 0, total: undefined, startedAt, problem: undefined };
    begun = new Promise((resolve) => (resolveBegun = resolve));
    await delay(Math.max(0, endedAt + pauseMs - startedAt), undefined, { signal });
    for (let delayMs = MIN_RETRY_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_RETRY_DELAY_MS)) {
      try {
        const entries = await rebuild(mayUseSnapshot);
        endedAt = performance.now();
        const durationMs = Math.round(endedAt - startedAt);
        completed = { entries, durationMs };
        if (entries > 0) logger.info({ reason, entries, durationMs }, 'the read model was built again');
        return;
      } catch (error) {
        signal.throwIfAborted();
        // What was wrong with a snapshot would be wrong with the next one.
        if (hasReadLog()) mayUseSnapshot = false;
        reportProblem(getErrorMessage(error));
        resolveBegun();
        await delay(delayMs, undefined, { signal });
      }
    }
  };

  return {
    start(reason, kind = 'repair') {
      running ??= run(reason, kind)
        // It rejects only if this process stops.
        .catch(() => undefined)
        .finally(() => {
          running = undefined;
          progress = undefined;
          resolveBegun();
        });
      return running;
    },
    waitUntilBegun: () => begun,
    get progress() {
      return progress;
    },
    get completed() {
      return completed;
    },
    get firstEventAt() {
      return firstEventAt;
    },
    async stop() {
      abort.abort();
      await running;
    },
  };
}

/** Monitoring's log cannot be read now. What was read before is still valid. */
class LogUnavailableError extends Error {
  override name = 'LogUnavailableError';
}

/**
 * Returns the position up to which changes were published: the new read model must replace the current one there.
 * @param createdAt when this process began to look at the log
 */
function createTarget(
  readModel: CurrentReadModel,
  { logId, head, entries, snapshotUpTo = 0 }: LogPage,
  createdAt: string,
): () => number {
  const current = readModel.writer.checkpoint;
  // A read model of another log, of a longer one, or from before the compaction of this log says nothing about this log.
  const isOfThisLog = current.logId === logId && current.position <= head && current.position >= snapshotUpTo;
  if (isOfThisLog && (!readModel.isIncomplete || readModel.completesAt !== undefined))
    return () => {
      const { checkpoint } = readModel.writer;
      // The log was restored: the projector has begun a new epoch.
      if (checkpoint.logId !== logId) throw new Error(`monitoring's log is ${checkpoint.logId ?? '?'} now`);
      return Math.max(checkpoint.position, readModel.completesAt ?? 0);
    };
  // A new installation: its first events happened after the start of this process, and all of them are news.
  const isNewLog = current.logId === null && (entries[0]?.at ?? createdAt) >= createdAt;
  return () => (isNewLog ? 0 : head);
}

/** Describes a rebuild for operators, as one clause. */
export function describeRebuild({ reason, done, total, problem, snapshot }: RebuildProgress): string {
  const state = snapshot
    ? describeDownload(snapshot)
    : total === undefined
      ? 'it has not begun'
      : `${done} of ${total} log entries are done (${getPercent(done, total)} %)`;
  const wait = problem === undefined ? '' : `; it waits: ${problem}`;
  return `the read model is built again, because ${reason}: ${state}${wait}`;
}

const describeDownload = ({ peer, receivedBytes, totalBytes }: SnapshotProgress): string =>
  totalBytes === undefined
    ? `it waits for a snapshot of ${peer}`
    : `${getPercent(receivedBytes, totalBytes)} % of the snapshot of ${peer} are downloaded`;

/** What `/ready` reports of a rebuild. */
export function getRebuildChecks({
  done,
  total,
  snapshot,
}: RebuildProgress): Readonly<Record<string, string | number>> {
  if (total === undefined) return { rebuild: 'waits' };
  return {
    rebuild: `${getPercent(done, total)}%`,
    rebuildDone: done,
    rebuildTotal: total,
    ...(snapshot && { rebuildSnapshot: `${getPercent(snapshot.receivedBytes, snapshot.totalBytes ?? 0)}%` }),
  };
}

const getPercent = (done: number, total: number): number => Math.floor((done / Math.max(total, 1)) * 100);
