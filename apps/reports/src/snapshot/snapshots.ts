import { rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { getErrorMessage, removeSqliteFiles, type Logger } from '@seguridad-abc/platform';
import type { SnapshotCopy, SnapshotCopyFiles } from './snapshot-copy.js';

/** A snapshot that can be downloaded. */
export interface Snapshot extends SnapshotCopy {
  readonly file: string;
}

export interface SnapshotsOptions {
  /** The path of the read model. */
  readonly readModelFile: string;
  /** The path of the snapshot. */
  readonly snapshotFile: string;
  /** The free disk space that must remain. */
  readonly minFreeBytes: number;
  readonly timing?: Partial<SnapshotTiming>;
  readonly logger: Logger;
}

/** The intervals of snapshots, in milliseconds. */
export interface SnapshotTiming {
  /** How long a snapshot is kept after its last download: a download that broke off can go on. */
  readonly keepMs: number;
  /** The age at which a snapshot is replaced, unless it is being downloaded. */
  readonly maxAgeMs: number;
}

export const SNAPSHOT_TIMING: SnapshotTiming = {
  keepMs: 60_000, // 1 minute
  maxAgeMs: 600_000, // 10 minutes
};

/** There is not enough disk space for a snapshot. */
export class SnapshotSpaceError extends Error {
  override name = 'SnapshotSpaceError';
}

/**
 * The snapshots of the read model that other instances download. There is at most one, in a file beside the read model. It holds
 * data of users, so it is removed soon after its last download, when a user is erased, and when another read model replaces this one.
 */
export interface Snapshots {
  /**
   * Returns the snapshot, or begins to make one.
   * @returns undefined while it is made: ask again
   * @throws SnapshotSpaceError; Error if the last attempt has failed: the next call begins another one
   */
  request(): Promise<Snapshot | undefined>;
  /**
   * Keeps a snapshot while it is downloaded.
   * @param breakOff called when the snapshot is discarded: the download must end at once
   * @returns a function that ends that
   */
  hold(breakOff: () => void): () => void;
  /** Removes the snapshot, also one that is being made, and breaks off its downloads. Resolves when no thread reads the read model any more. */
  discard(): Promise<void>;
}

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { readModelFile, snapshotFile, minFreeBytes, logger } = options;
  const { keepMs, maxAgeMs } = { ...SNAPSHOT_TIMING, ...options.timing };
  let snapshot: Snapshot | undefined;
  let takenAt = 0;
  /** What breaks off each download. */
  const holders = new Set<() => void>();
  let making: { readonly done: Promise<void>; readonly abort: AbortController } | undefined;
  let failure: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  removeSqliteFiles(snapshotFile);

  const remove = () => {
    clearTimeout(timer);
    snapshot = undefined;
    removeSqliteFiles(snapshotFile);
  };
  const removeLater = () => {
    clearTimeout(timer);
    timer = setTimeout(remove, keepMs);
    timer.unref();
  };

  const make = async (signal: AbortSignal) => {
    const startedAt = performance.now();
    try {
      await assertSpace(readModelFile, minFreeBytes);
      const copy = await copyInThread({ source: readModelFile, target: snapshotFile }, signal);
      signal.throwIfAborted();
      if (!copy) throw new Error('the read model has read no log yet');
      snapshot = { ...copy, file: snapshotFile };
      takenAt = performance.now();
      const { position, bytes } = copy;
      const durationMs = Math.round(takenAt - startedAt);
      logger.info({ position, bytes, durationMs }, 'a snapshot of the read model was made');
      removeLater();
    } catch (error) {
      removeSqliteFiles(snapshotFile);
      if (signal.aborted) return;
      failure = error instanceof Error ? error : new Error(getErrorMessage(error));
      logger.warn({ reason: failure.message }, 'no snapshot of the read model can be made');
    } finally {
      making = undefined;
    }
  };

  const throwFailure = () => {
    const error = failure;
    failure = undefined;
    if (error) throw error;
  };

  return {
    async request() {
      throwFailure();
      if (snapshot && holders.size === 0 && performance.now() - takenAt > maxAgeMs) remove();
      if (snapshot) {
        if (holders.size === 0) removeLater();
        return snapshot;
      }
      if (!making) {
        const abort = new AbortController();
        making = { abort, done: make(abort.signal) };
      }
      // A small read model is copied at once.
      let wait: NodeJS.Timeout | undefined;
      await Promise.race([
        making.done,
        new Promise((resolve) => (wait = setTimeout(resolve, FIRST_WAIT_MS))),
      ]);
      clearTimeout(wait);
      throwFailure();
      return snapshot;
    },
    hold(breakOff) {
      const holder = () => breakOff();
      holders.add(holder);
      clearTimeout(timer);
      return () => {
        holders.delete(holder);
        if (holders.size === 0) removeLater();
      };
    },
    async discard() {
      for (const breakOff of holders) breakOff();
      making?.abort.abort();
      await making?.done;
      failure = undefined;
      remove();
    },
  };
}

/** How long a request waits for a snapshot that is being made. */
const FIRST_WAIT_MS = 500;

/** @throws SnapshotSpaceError if a copy of a file leaves less free disk space */
async function assertSpace(file: string, minFreeBytes: number): Promise<void> {
  // While the copy is made, the write-ahead log may grow.
  const bytes = getFileBytes(file) + 2 * getFileBytes(`${file}-wal`);
  const { bavail, bsize } = await statfs(dirname(file));
  if (bavail * bsize - bytes >= minFreeBytes) return;
  throw new SnapshotSpaceError(`a snapshot of ${bytes} bytes does not fit on the disk`);
}

const getFileBytes = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Queries and the projection go on while a thread copies. */
async function copyInThread(
  files: SnapshotCopyFiles,
  signal: AbortSignal,
): Promise<SnapshotCopy | undefined> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./snapshot-worker.js', import.meta.url), {
    name: 'snapshot of the read model',
    workerData: files,
  });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    return await new Promise<SnapshotCopy | undefined>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread that copies ended with exit code ${code}`)));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
    rmSync(`${files.target}-journal`, { force: true });
  }
}
