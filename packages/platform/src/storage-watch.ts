import { open, statfs } from 'node:fs/promises';
import type { Logger } from './logger.js';
import { createFileFaultFinder } from './sqlite-file-watch.js';
import { StorageError, toStorageError } from './storage-errors.js';

/** The intervals of a storage watch, in milliseconds. */
export interface StorageWatchTiming {
  /** How often the disk is looked at, and how often a write is tried while writes fail. */
  readonly checkMs: number;
  /** How long nothing may be written before a write is tried. */
  readonly idleMs: number;
  /** Work that waits longer than this without a commit is a problem. */
  readonly maxWaitMs: number;
}

const DEFAULT_TIMING: StorageWatchTiming = { checkMs: 1_000, idleMs: 30_000, maxWaitMs: 5_000 };

/**
 * A full disk counts as repaired only with this much free space. A few free bytes let a trial succeed, and the next command fail.
 */
const MIN_REPAIRED_BYTES = 1024 * 1024; // 1 MiB

/** The code of SQLite for a database that is not at its path any more. With a write-ahead log it does not look at the path. */
const MOVED_FILE_CODE = 'SQLITE_READONLY_DBMOVED';

/** A megabyte of settings and figures. */
export const BYTES_PER_MEGABYTE = 1024 * 1024;

export interface StorageWatchOptions {
  /** The folder of the database. @default its disk is not watched, because another machine has it */
  readonly folder?: string | undefined;
  /** Less free disk space than this is a problem, in bytes. 0: free space is not checked. */
  readonly minFreeBytes: number;
  /** Writes something small to the database, and waits for the disk. Throws the error of the database. */
  readonly tryWrite: () => void | Promise<void>;
  /**
   * The path of the open database. SQLite goes on in a file that was deleted or replaced, and its content is lost when the process
   * ends: that is then a problem. @default the file is not watched
   */
  readonly file?: string | undefined;
  /** Called once when the file was deleted, replaced or cut, with what happened as one clause. */
  readonly onFileFault?: ((fault: string) => void) | undefined;
  readonly logger: Logger;
  readonly timing?: Partial<StorageWatchTiming>;
}

/** Watches whether a process can store data. It notices failures of writes, and their end, without a restart. */
export interface StorageWatch {
  /**
   * Notes that a transaction has ended. A success does not end a failure: a transaction without changes needs no disk. Only a trial
   * write does, within a second.
   * @param error of a transaction that failed; errors other than of the storage are ignored
   */
  recordWrite(error?: unknown): void;
  /** Notes that work waits for a transaction. The end of the next one ends the wait. */
  recordWaiting(): void;
  /** Passes the outcome of a write on, and records it. */
  watchWrite<Result>(write: Promise<Result>): Promise<Result>;
  /** @throws StorageError if the file of the database is not at its path any more: what is written would be lost */
  assertFileInPlace(): void;
  /** False from a failed write until a trial write succeeds, and after the file was deleted, replaced or cut. */
  readonly canWrite: boolean;
  /** Why nothing can be stored, or may soon not be, as one clause for a heartbeat. */
  readonly problem: string | undefined;
  /** Figures for `/ready`. */
  readonly checks: Readonly<Record<string, string | number>>;
  stop(): void;
}

/** Starts to watch the storage of a process. */
export function startStorageWatch(options: StorageWatchOptions): StorageWatch {
  const { folder, minFreeBytes, tryWrite, file, onFileFault, logger } = options;
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const findFileFault = file === undefined ? () => undefined : createFileFaultFinder(file);
  /** The open file does not come back: it stays until the process ends. */
  let fileFault: string | undefined;
  let failure: StorageError | undefined;
  let freeBytes: number | undefined;
  /** By the monotonic clock. */
  let lastWriteMs = performance.now();
  let lastWriteAt: string | undefined;
  let waitingSinceMs: number | undefined;
  let isChecking = false;

  const fail = (error: StorageError) => {
    // One line when the storage fails, and one when it works again.
    if (!failure) logger.error({ err: error.cause, code: error.code }, 'the storage cannot be written');
    failure = error;
  };
  const endFailure = () => {
    if (failure) logger.info('the storage can be written again');
    failure = undefined;
  };
  const checkFile = () => {
    if (fileFault !== undefined) return;
    fileFault = findFileFault();
    if (fileFault === undefined) return;
    logger.fatal({ file, fault: fileFault }, 'the database is not at its path any more: nothing is stored');
    onFileFault?.(fileFault);
  };
  const recordWrite = (error?: unknown) => {
    waitingSinceMs = undefined;
    if (error === undefined) {
      lastWriteMs = performance.now();
      lastWriteAt = new Date().toISOString();
      return;
    }
    const storageError = toStorageError(error);
    // One slow statement does not mean that nothing can be written. A trial write that is slow does.
    if (storageError && !storageError.isSlowStatement && fileFault === undefined) fail(storageError);
  };

  /** Opens the folder: without free file descriptors, or with a broken disk, that fails. */
  const readFreeBytes = async (): Promise<number | undefined> => {
    if (folder === undefined) return undefined;
    const handle = await open(folder, 'r');
    await handle.close();
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  };
  const isStillFull = () =>
    failure?.code === 'STORAGE_FULL' && freeBytes !== undefined && freeBytes < MIN_REPAIRED_BYTES;

  const check = async () => {
    // A disk that hangs lets one check wait, not one more each second.
    if (isChecking) return;
    isChecking = true;
    checkFile();
    try {
      freeBytes = await readFreeBytes();
      const isIdle = performance.now() - lastWriteMs >= timing.idleMs;
      if ((!failure && !isIdle) || isStillFull()) return;
      await tryWrite();
      lastWriteMs = performance.now();
      endFailure();
    } catch (error) {
      const storageError = toStorageError(error);
      if (storageError) fail(storageError);
    } finally {
      isChecking = false;
    }
  };

  const describeProblem = (): string | undefined => {
    if (fileFault !== undefined) return `cannot store anything: ${fileFault}`;
    if (failure) return `cannot store anything: ${failure.reason}`;
    if (waitingSinceMs !== undefined && performance.now() - waitingSinceMs > timing.maxWaitMs)
      return `commands have waited more than ${timing.maxWaitMs / 1_000} s for the disk`;
    // Every caller may read health. The exact figure would show how much others store.
    if (freeBytes !== undefined && freeBytes < minFreeBytes)
      return `less than ${Math.round(minFreeBytes / BYTES_PER_MEGABYTE)} MB of free disk space`;
    return undefined;
  };

  const timer = setInterval(() => void check(), timing.checkMs);
  timer.unref();
  void check();
  return {
    recordWrite,
    recordWaiting: () => void (waitingSinceMs ??= performance.now()),
    watchWrite: (write) =>
      write.then(
        (result) => {
          recordWrite();
          return result;
        },
        (error: unknown) => {
          recordWrite(error);
          throw error;
        },
      ),
    assertFileInPlace() {
      checkFile();
      if (fileFault !== undefined)
        throw new StorageError('STORAGE_UNAVAILABLE', MOVED_FILE_CODE, new Error(fileFault));
    },
    get canWrite() {
      return failure === undefined && fileFault === undefined;
    },
    get problem() {
      return describeProblem();
    },
    get checks() {
      return {
        storage: fileFault ?? failure?.code ?? 'ok',
        ...(failure && { storageProblem: failure.reason }),
        ...(freeBytes !== undefined && { freeDiskMb: Math.floor(freeBytes / BYTES_PER_MEGABYTE) }),
        ...(lastWriteAt !== undefined && { lastCommit: lastWriteAt }),
      };
    },
    stop: () => clearInterval(timer),
  };
}
