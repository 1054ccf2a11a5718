import type { MonitoringDrizzle } from './monitoring-database.js';

/**
 * Runs synchronous work in a transaction. Resolves to its result once that is on disk.
 * @param size the amount of work; 1 is a command on one aggregate
 */
export type GroupCommit = <T>(work: () => T, size?: number) => Promise<T>;

interface PendingWork {
  readonly size: number;
  /** @returns a function that resolves the caller's promise; to be called once the transaction is on disk */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** Larger work waits until no smaller work is pending. */
const MAX_SMALL_SIZE = 16;

/**
 * Creates a group commit: work that is pending at the same time shares one transaction, and so one disk flush. Each piece of
 * work has a savepoint: if it throws, only its changes are rolled back. If the whole transaction fails, all of its work
 * fails.
 *
 * Small work goes first, so that a single command does not wait for a backlog of large batches. Each transaction takes at
 * least one piece of large work, so that large work always makes progress.
 * @param maxGroupSize maximum total size of the work in one transaction; 256 blocks the event loop for about 20 ms
 * @param onCommit is called after each commit; an error that it throws does not fail the work, which is on disk
 */
export function createGroupCommit(
  db: MonitoringDrizzle,
  maxGroupSize: number,
  onCommit: () => void = () => undefined,
): GroupCommit {
  const small: PendingWork[] = [];
  const large: PendingWork[] = [];
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled || small.length + large.length === 0) return;
    isScheduled = true;
    setImmediate(flush);
  };

  const takeGroup = (): PendingWork[] => {
    const group: PendingWork[] = [];
    let room = maxGroupSize;
    const takeFrom = (queue: PendingWork[]) => {
      const next = queue.shift();
      if (!next) return;
      group.push(next);
      room -= next.size;
    };
    while (small.length > 0 && room > 0) takeFrom(small);
    do takeFrom(large);
    while ((large[0]?.size ?? Infinity) <= room);
    return group;
  };

  const flush = () => {
    isScheduled = false;
    const group = takeGroup();
    let resolvers: readonly (() => void)[] | undefined;
    try {
      resolvers = commit(db, group);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    schedule();
    if (!resolvers) return;
    for (const resolve of resolvers) resolve();
    onCommit();
  };

  return (work, size = 1) =>
    new Promise((resolve, reject) => {
      const run = () => {
        const result = work();
        return () => resolve(result);
      };
      (size > MAX_SMALL_SIZE ? large : small).push({ size, run, reject });
      schedule();
    });
}

/** @returns a function for each caller that resolves or rejects its promise, now that the transaction is on disk */
function commit(db: MonitoringDrizzle, group: readonly PendingWork[]): (() => void)[] {
  return db.transaction(
    (tx) =>
      group.map(({ run, reject }) => {
        try {
          return tx.transaction(run);
        } catch (error) {
          // Some errors, such as a full disk, make SQLite roll back the whole transaction: then all of its work fails.
          if (!db.$client.inTransaction) throw error;
          return () => reject(error);
        }
      }),
    { behavior: 'immediate' },
  );
}
