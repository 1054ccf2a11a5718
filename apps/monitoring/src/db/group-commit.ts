import type { Actor } from '@seguridad-abc/contracts';
import {
  activeSpanStorage,
  DurationHistogram,
  measureDuration,
  runInSpan,
  type Tracing,
} from '@seguridad-abc/platform';
import type { MonitoringDrizzle } from './monitoring-database.js';

/** What a group commit has to know of a piece of work. */
export interface WorkOptions {
  /** The amount of work; 1 is a command on one aggregate. @default 1 */
  readonly size?: number | undefined;
  /** Owners take turns: the work of one does not wait for all the work of another. @default '' */
  readonly owner?: string | undefined;
  /**
   * The users whose data the work reads to decide, or changes. The transaction locks them before the work begins, so that no other
   * instance changes the data meanwhile. Work that learns of its user later calls `lockUser`. @default none
   */
  readonly users?: readonly string[] | undefined;
}

/**
 * Runs work in a transaction. Resolves to its result once that is on disk. The work may run again if the transaction has to be
 * repeated, so all its effects but those on the database belong after the promise. It awaits nothing but statements of the write
 * connection, and rejects if one of them fails: its changes are then rolled back.
 */
export type GroupCommit = <T>(work: () => Promise<T>, options?: WorkOptions) => Promise<T>;

/** The owner of the work of one caller, whatever the command. */
export const getWorkOwner = ({ id, role }: Actor): string => `${role}:${id}`;

interface PendingWork {
  readonly size: number;
  /** @returns a function that resolves the caller's promise; to be called once the transaction is on disk */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** What a group commit has done. */
export class GroupCommitStatistics {
  /** From the begin of a transaction until it is on disk. */
  readonly durations = new DurationHistogram();
  /** Pieces of work that are on disk. */
  committedCount = 0;
  /** Pieces of work that threw an error, or whose transaction failed. */
  failedCount = 0;
  /** Transactions that failed as a whole. */
  failedTransactionCount = 0;
  /** Pieces of work that wait; set by the group commit. */
  getQueueLengths = (): { readonly small: number; readonly large: number } => ({ small: 0, large: 0 });
}

/** Learns of what a group commit does. */
export interface GroupCommitObserver {
  /** Work was added that waits for a transaction. */
  readonly onWaiting?: () => void;
  /** A transaction is about to begin. An error that it throws fails the work that waits. */
  readonly onBegin?: () => void;
  /** A transaction is on disk. An error that it throws does not fail the work. */
  readonly onCommit?: () => void;
  /** A piece of work failed, alone or with its whole transaction. */
  readonly onFailure?: (error: unknown) => void;
}

/** Larger work waits until no smaller work is pending. */
export const MAX_SMALL_SIZE = 16;

/** A transaction takes no further work after this time. Other callers wait for it, and for the work that it has begun. */
const MAX_GROUP_MS = 25;

/**
 * Creates a group commit: work that is pending at the same time shares one transaction, and so one disk flush. Each piece of
 * work has a savepoint: if it throws, only its changes are rolled back. If the whole transaction fails, or cannot begin,
 * all of its work fails.
 *
 * Small work goes first, so that a single command does not wait for a backlog of large batches. Each transaction takes at
 * least one piece of large work, unless its time is over; the next one then begins with it. So large work always makes
 * progress. Owners take turns, so that a command waits for one piece of work of each other owner, not for all of them.
 * @param maxGroupSize maximum total size of the work in one transaction; 256 blocks the event loop for about 20 ms
 * @param statistics receives what it does
 * @param tracing gives each piece of work of a traced command a span, from its begin to the end of its transaction
 */
export function createGroupCommit(
  db: MonitoringDrizzle,
  maxGroupSize: number,
  observer: GroupCommitObserver = {},
  statistics = new GroupCommitStatistics(),
  tracing?: Tracing,
): GroupCommit {
  const small = createFairQueue<PendingWork>();
  const large = createFairQueue<PendingWork>();
  let isScheduled = false;
  let isLargeDelayed = false;
  statistics.getQueueLengths = () => ({ small: small.size, large: large.size });
  const runInSavepoint = createSavepointRunner(db);

  const schedule = () => {
    if (isScheduled || small.size + large.size === 0) return;
    isScheduled = true;
    observer.onWaiting?.();
    setImmediate(flush);
  };

  /** @returns a function that takes the next piece of work of one transaction, until it is full */
  const openGroup = (): (() => PendingWork | undefined) => {
    // BEGIN may have waited for a lock. The time starts afterwards, so that each transaction takes some work.
    let endsAt: number | undefined;
    let room = maxGroupSize;
    let hasLarge = false;
    const canTakeLarge = (): boolean => !hasLarge || (large.peek()?.size ?? Infinity) <= room;
    const take = (): PendingWork | undefined => {
      if (isLargeDelayed) {
        isLargeDelayed = false;
        hasLarge = true;
        return large.take();
      }
      if (small.size > 0 && room > 0) return small.take();
      if (!canTakeLarge()) return undefined;
      hasLarge = true;
      return large.take();
    };
    return () => {
      endsAt ??= performance.now() + MAX_GROUP_MS;
      if (performance.now() > endsAt) {
        isLargeDelayed = !hasLarge && large.size > 0;
        return undefined;
      }
      const next = take();
      if (next) room -= next.size;
      return next;
    };
  };

  const flush = () => {
    isScheduled = false;
    const group: PendingWork[] = [];
    const takeNext = openGroup();
    let resolvers: readonly (() => void)[] | undefined;
    try {
      const { durations } = statistics;
      observer.onBegin?.();
      resolvers = measureDuration(durations, () => commit(db, runInSavepoint, takeNext, group, statistics));
      statistics.committedCount += group.length;
    } catch (error) {
      statistics.failedTransactionCount += 1;
      // BEGIN fails if the file is locked, read-only or closed. Its callers learn of it: the next try may fail as well.
      if (group.length === 0) for (let next = takeNext(); next; next = takeNext()) group.push(next);
      statistics.failedCount += group.length;
      for (const { reject } of group) reject(error);
    }
    schedule();
    if (!resolvers) return;
    for (const resolve of resolvers) resolve();
    observer.onCommit?.();
  };

  const commitWork: GroupCommit = (work, size = 1, owner = '') =>
    new Promise((resolve, reject) => {
      const run = () => {
        const result = work();
        return () => resolve(result);
      };
      const fail: PendingWork['reject'] = (error) => {
        observer.onFailure?.(error);
        (reject as PendingWork['reject'])(error);
      };
      (size > MAX_SMALL_SIZE ? large : small).add(owner, { size, run, reject: fail });
      schedule();
    });
  if (!tracing) return commitWork;
  return (work, size, owner) => {
    const command = activeSpanStorage.getStore();
    if (!command) return commitWork(work, size, owner);
    const span = tracing.startSpan('commit', { kind: 'internal', parent: command });
    // The transaction runs in the asynchronous context of another piece of work.
    return runInSpan(span, () => commitWork(() => activeSpanStorage.run(span, work), size, owner));
  };
}

/**
 * @param takeNext returns the next piece of work of this transaction
 * @param group receives the work that the transaction has taken
 * @returns a function for each caller that resolves or rejects its promise, now that the transaction is on disk
 */
function commit(
  db: MonitoringDrizzle,
  runInSavepoint: RunInSavepoint,
  takeNext: () => PendingWork | undefined,
  group: PendingWork[],
  statistics: GroupCommitStatistics,
): (() => void)[] {
  return db.transaction(
    () => {
      const resolvers: (() => void)[] = [];
      for (let next = takeNext(); next; next = takeNext()) {
        const { run, reject } = next;
        group.push(next);
        try {
          resolvers.push(runInSavepoint(run));
        } catch (error) {
          // Some errors, such as a full disk, make SQLite roll back the whole transaction: then all of its work fails.
          if (!db.$client.inTransaction) throw error;
          statistics.failedCount += 1;
          statistics.committedCount -= 1;
          resolvers.push(() => reject(error));
        }
      }
      return resolvers;
    },
    { behavior: 'immediate' },
  );
}

type RunInSavepoint = <Result>(work: () => Result) => Result;

/** Rolls the changes of work back if it throws. Drizzle would prepare the statements again for each piece of work. */
function createSavepointRunner({ $client }: MonitoringDrizzle): RunInSavepoint {
  const begin = $client.prepare('savepoint work');
  const release = $client.prepare('release work');
  const rollBack = $client.prepare('rollback to work');
  return (work) => {
    begin.run();
    try {
      const result = work();
      release.run();
      return result;
    } catch (error) {
      if ($client.inTransaction) {
        rollBack.run();
        release.run();
      }
      throw error;
    }
  };
}

/** A queue whose owners take turns. The items of one owner stay in their order. */
interface FairQueue<Item> {
  readonly size: number;
  add(owner: string, item: Item): void;
  /** The item that `take` returns next. */
  peek(): Item | undefined;
  take(): Item | undefined;
}

function createFairQueue<Item>(): FairQueue<Item> {
  /** In the order of their turns. */
  const byOwner = new Map<string, Item[]>();
  let size = 0;
  const getFirst = () => byOwner.entries().next().value;
  return {
    get size() {
      return size;
    },
    add(owner, item) {
      size++;
      const items = byOwner.get(owner);
      if (items) items.push(item);
      else byOwner.set(owner, [item]);
    },
    peek: () => getFirst()?.[1][0],
    take() {
      const [owner, items] = getFirst() ?? [];
      if (owner === undefined || !items) return undefined;
      size--;
      const item = items.shift();
      // The owner's next turn comes after those of the others.
      byOwner.delete(owner);
      if (items.length > 0) byOwner.set(owner, items);
      return item;
    },
  };
}
