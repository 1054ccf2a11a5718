import { statSync } from 'node:fs';

export interface SqliteFileWatchOptions {
  /** The path of an open database. */
  readonly file: string;
  readonly intervalMs: number;
  /** Called once with what happened to the file, as one clause. Call `restart` after the fault is corrected. */
  readonly onFault: (reason: string) => void;
  /** Called each time at which only the content of the file shows whether it is damaged. */
  readonly onSuspicion?: () => void;
}

/** Notices what SQLite does not: an open file that was deleted, replaced or cut is used as if nothing had happened. */
export interface SqliteFileWatch {
  /** Looks at the file now. */
  check(): void;
  /** The file at this path is the open one from now on. */
  restart(): void;
  stop(): void;
}

/**
 * Creates a function that compares the file at a path with the one that is there now, and that a database has open.
 * @param onSuspicion is called if the file may have been cut since the last look, and have grown again: it takes less space on the
 * disk than before
 * @returns it returns what happened to the file, as one clause; undefined if nothing did, or if it cannot be looked at
 */
export function createFileFaultFinder(file: string, onSuspicion?: () => void): () => string | undefined {
  const read = () => statSync(file, { throwIfNoEntry: false });
  let open = read();
  return () => {
    let now: ReturnType<typeof read>;
    try {
      now = read();
    } catch {
      // A disk that fails, or a folder without permissions: statements that need it fail, too.
      return undefined;
    }
    if (!now) return 'the file was deleted';
    if (!open) return undefined;
    if (now.ino !== open.ino || now.dev !== open.dev) return 'the file was replaced by another one';
    // A database file never shrinks, because none is vacuumed in place.
    if (now.size < open.size) return `the file was cut from ${open.size} to ${now.size} bytes`;
    // A checkpoint writes pages behind the end of a file that was cut: it has its size again, with holes.
    const hasHoles = now.blocks < open.blocks;
    open = now;
    if (hasHoles) onSuspicion?.();
    return undefined;
  };
}

/** Looks at the file of an open database at an interval. */
export function watchSqliteFile({
  file,
  intervalMs,
  onFault,
  onSuspicion,
}: SqliteFileWatchOptions): SqliteFileWatch {
  let findFault = createFileFaultFinder(file, onSuspicion);
  let hasFault = false;
  const check = () => {
    if (hasFault) return;
    const fault = findFault();
    if (fault === undefined) return;
    hasFault = true;
    onFault(fault);
  };
  const timer = setInterval(check, intervalMs);
  timer.unref();

  return {
    check,
    restart() {
      findFault = createFileFaultFinder(file, onSuspicion);
      hasFault = false;
    },
    stop: () => clearInterval(timer),
  };
}
