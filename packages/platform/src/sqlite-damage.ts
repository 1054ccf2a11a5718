import { renameSync, rmSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { getErrorMessage } from './errors.js';

/** The content is not that of a database, or the file was cut or replaced while it was open. */
const DAMAGE_CODE = /^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ|READONLY_DBMOVED)/;

/** Whether an error of SQLite says that the content of a database file is damaged. A full or failing disk is no damage. */
export function isDatabaseDamage(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return (
    (typeof code === 'string' && DAMAGE_CODE.test(code)) || (cause !== undefined && isDatabaseDamage(cause))
  );
}

/** A database up to this size is checked within about 10 ms. */
const MAX_INLINE_CHECK_BYTES = 4_194_304; // 4 MiB

/** How thoroughly a database is checked. */
export interface DatabaseCheckOptions {
  /** Indexes are not compared with their tables, which takes most of the time. @default false */
  readonly isQuick?: boolean;
}

/**
 * Checks the structure of a database, with its indexes. SQLite has no checksums: a changed value is not found.
 * @returns what is damaged, as one clause; undefined if nothing is
 */
export function findDatabaseDamage(
  client: Database.Database,
  { isQuick = false }: DatabaseCheckOptions = {},
): string | undefined {
  try {
    const check = isQuick ? 'quick_check(1)' : 'integrity_check(1)';
    const problem = client.pragma(check, { simple: true }) as string;
    return problem === 'ok' ? undefined : problem.replace(/\s+/gu, ' ');
  } catch (error) {
    if (isDatabaseDamage(error)) return getErrorMessage(error);
    throw error;
  }
}

/** Whether {@link findDatabaseDamage} takes so little time that requests may wait for it. */
export const isSmallDatabaseFile = (file: string): boolean =>
  (statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= MAX_INLINE_CHECK_BYTES;

/**
 * Checks a database file that is open in this process, as {@link findDatabaseDamage} does, in a worker thread.
 * @returns undefined also if the check could not be done
 */
export async function findDatabaseDamageInThread(
  file: string,
  signal: AbortSignal,
  options: DatabaseCheckOptions = {},
): Promise<string | undefined> {
  const worker = new Worker(new URL('./sqlite-check-worker.js', import.meta.url), {
    name: 'database check',
    workerData: { file, ...options },
  });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    return await new Promise<string | undefined>((resolve) => {
      worker.once('message', (damage: string | undefined) => resolve(damage));
      // The file may be away, or replaced at this moment.
      worker.once('error', () => resolve(undefined));
      worker.once('exit', () => resolve(undefined));
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The main file of a database comes last: a file without its write-ahead log is still a database, not the other way round. */
const SQLITE_FILE_SUFFIXES = ['-wal', '-shm', '-journal', ''];

/** Removes a database that is not open, with the files beside it. */
export function removeSqliteFiles(file: string): void {
  for (const suffix of SQLITE_FILE_SUFFIXES) rmSync(file + suffix, { force: true });
}

/**
 * Puts a closed database in the place of another closed one. The replacement of the main file is atomic.
 * @param source must have no write-ahead log, which is the case after its last connection was closed
 */
export function replaceSqliteFile(source: string, target: string): void {
  // The write-ahead log of the old database would be applied to the new one.
  for (const suffix of SQLITE_FILE_SUFFIXES) if (suffix !== '') rmSync(target + suffix, { force: true });
  renameSync(source, target);
}

/** Keeps a damaged database that is not open under another name, with its write-ahead log. */
export function moveSqliteFiles(source: string, target: string): void {
  for (const suffix of SQLITE_FILE_SUFFIXES) {
    if (suffix === '-shm') rmSync(source + suffix, { force: true });
    else if (statSync(source + suffix, { throwIfNoEntry: false }))
      renameSync(source + suffix, target + suffix);
  }
}
