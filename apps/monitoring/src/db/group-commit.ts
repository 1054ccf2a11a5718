import type { Actor } from '@seguridad-abc/contracts';
import {
  activeSpanStorage,
  DurationHistogram,
  getSqlConnection,
  isTransactionConflict,
  runInSpan,
  type SqlConnection,
  type Tracing,
} from '@seguridad-abc/platform';
import type { LogAppends } from './log-appends.js';
import { getDialect } from './dialect.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { createUserLocks, UserBusyError, type UserLocks } from './user-locks.js';

/** What a group commit has to know of a piece of work. */
export interface WorkOptions {
  /** The amount of work; 1 is a command on one aggregate. @default 1 */
  readonly size?: number | undefined;
  /** Owners take turns: the work of one does not wait for all the work of another. @default '' */
  readonly owner?: string | undefined;
  /**
   * The users whose data the work reads to decide, or changes. The transaction locks them before the work begins, so that no other
   * instance changes the data meanwhile. Work that learns of its user later calls `lockUser` (user-locks.ts). @default none
   */
  readonly users?: readonly string[] | undefined;
  /**
   * The work has a transaction alone, which begins with the exclusive lock of `GroupCommitObserver.onTransactionBegin`. It has no users.
   * @default false
   */
  readonly isExclusive?: boolean | undefined;
}

/**
 * Runs work in a transaction. Resolves to its result once that is on disk. The work may run again if the transaction has to be
 * repeated, so all its effects but those on the database belong after the promise. It awaits nothing but statements of the write
 * connection, and rejects if one of them fails: its changes are then rolled back. It ends only when all of its statements have ended
 * (`runAll`); a later one would run in the transaction of other work.
 */
export type GroupCommit = <T>(work: () => Promise<T>, options?: WorkOptions) => Promise<T>;

/** The owner of the work of one caller, whatever the command. */
export const getWorkOwner = ({ id, role }: Actor): string => `${role}:${id}`;

/** The users whose data a command may concern, as far as its caller shows: only operators change the data of others. */
export const getWorkUsers = ({ id, role }: Actor): readonly string[] =>
  role === 'customer' ? [id] : NO_USERS;

const NO_USERS: readonly string[] = [];

interface PendingWork {
  readonly size: number;
  /** Grows if the work learns of a further user whom another instance has locked. */
  users: readonly string[];
  readonly run: () => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a group commit has done. */
export class GroupCommitStatistics {
  /** From the begin of a transaction until it is on disk. */
  readonly durations = new DurationHistogram();
  /** How long a transaction waited for the head of the log, because others had it. */
  readonly logHeadWaits = new DurationHistogram();
  /** From the moment at which a transaction has the head of the log until it is on disk. Other instances wait meanwhile. */
  readonly logHeadHolds = new DurationHistogram();
  /** Pieces of work that are on disk. */
  committedCount = 0;
  /** Pieces of work that threw an error, or whose transaction failed. */
  failedCount = 0;
  /** Transactions that failed as a whole. */
  failedTransactionCount = 0;
  /** Transactions that were repeated after a conflict with another instance. */
  repeatedTransactionCount = 0;
  /** Times at which a piece of work had to wait, because another instance had its user. */
  busyUserCount = 0;
  /** Pieces of work that wait; set by the group commit. */
  getQueueLengths = (): { readonly small: number; readonly large: number } => ({ small: 0, large: 0 });
}

/** Learns of what a group commit does. */
export interface GroupCommitObserver {
  /** Work was added that waits for a transaction. */
  readonly onWaiting?: () => void;
  /** A transaction is about to begin. An error that it throws fails the work that waits. */
  readonly onBegin?: () => void;
  /** A transaction has begun, and holds no lock yet. It may run statements of the write connection. */
  readonly onTransactionBegin?: (isExclusive: boolean) => Promise<void>;
  /** A transaction is on disk. An error that it throws does not fail the work. */
  readonly onCommit?: () => void;
  /** A piece of work failed, alone or with its whole transaction. */
  readonly onFailure?: (error: unknown) => void;
}

export interface GroupCommitOptions {
  /** The write connection. */
  readonly db: MonitoringDrizzle;
  /** Written at the end of each transaction. */
  readonly appends: LogAppends;
  /** Maximum total size of the work in one transaction; 256 takes about 20 ms on SQLite. */
  readonly maxGroupSize: number;
  readonly observer?: GroupCommitObserver | undefined;
  /** Receives what the group commit does. */
  readonly statistics?: GroupCommitStatistics | undefined;
  /** Gives each piece of work of a traced command a span, from its begin to the end of its transaction. */
  readonly tracing?: Tracing | undefined;
}

/** Larger work waits until no smaller work is pending. */
export const MAX_SMALL_SIZE = 16;

/** A transaction takes no further work after this time. Other callers wait for it, and for the work that it has begun. */
const MAX_GROUP_MS = 25;

/**
 * Pieces of work in a transaction of PostgreSQL. Each one that writes is a subtransaction, and the server keeps 64 of a session in
 * memory: with more, all sessions read snapshots more slowly. https://www.postgresql.org/docs/15/subxacts.html
 */
const MAX_SUBTRANSACTIONS = 60;

/** How often a transaction runs again after a conflict with another instance. */
const MAX_REPETITIONS = 3;

/**
 * Creates a group commit: work that is pending at the same time shares one transaction, and so one disk flush. Each piece of
 * work has a savepoint: if it throws, only its changes are rolled back. If the whole transaction fails, or cannot begin,
 * all of its work fails.
 *
 * Small work goes first, so that a single command does not wait for a backlog of large batches. Each transaction takes at
 * least one piece of large work, unless its time is over; the next one then begins with it. So large work always makes
 * progress. Owners take turns, so that a command waits for one piece of work of each other owner, not for all of them.
 *
 * With several instances, work whose user another instance has locked goes first in the next transaction. Only a transaction
 * without other work waits for a user, before it has the lock of another user or of the log, and exclusive work waits for its lock
 * before it has any other: so transactions never wait for each other in a circle.
 */
export function createGroupCommit({
  db,
  appends,
  maxGroupSize,
  observer = {},
  statistics = new GroupCommitStatistics(),
  tracing,
}: GroupCommitOptions): GroupCommit {
  const small = createFairQueue<PendingWork>();
  const large = createFairQueue<PendingWork>();
  /** Work whose user was busy. */
  let delayed: PendingWork[] = [];
  const exclusive: PendingWork[] = [];
  let isScheduled = false;
  let isLargeDelayed = false;
  const getSmallCount = () => small.size + delayed.length + exclusive.length;
  statistics.getQueueLengths = () => ({ small: getSmallCount(), large: large.size });
  const connection = getSqlConnection(db);
  const maxPieces = getDialect(db).name === 'sqlite' ? Infinity : MAX_SUBTRANSACTIONS;
  const transaction: TransactionTools = {
    async begin(isExclusive) {
      await connection.control('begin');
      await observer.onTransactionBegin?.(isExclusive);
    },
    connection,
    appends,
    locks: createUserLocks(db),
    statistics,
  };

  const schedule = () => {
    if (isScheduled || getSmallCount() + large.size === 0) return;
    isScheduled = true;
    observer.onWaiting?.();
    setImmediate(() => void flush());
  };

  /** @returns a function that takes the next piece of work of one transaction, until it is full */
  const openGroup = (): (() => PendingWork | undefined) => {
    // BEGIN may have waited for a lock. The time starts afterwards, so that each transaction takes some work.
    let endsAt: number | undefined;
    let room = maxGroupSize;
    let pieces = 0;
    let hasLarge = false;
    const first = delayed;
    delayed = [];
    const canTakeLarge = (): boolean => !hasLarge || (large.peek()?.size ?? Infinity) <= room;
    const take = (): PendingWork | undefined => {
      const next = first.shift();
      if (next) return next;
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
      if (performance.now() > endsAt || pieces === maxPieces) {
        isLargeDelayed = !hasLarge && large.size > 0;
        delayed.push(...first.splice(0));
        return undefined;
      }
      const next = take();
      if (!next) return undefined;
      room -= next.size;
      pieces += 1;
      return next;
    };
  };

  const flush = async () => {
    const group: PendingWork[] = [];
    const alone = exclusive.shift();
    const work: TransactionWork = {
      isExclusive: alone !== undefined,
      takeNext: alone ? takeOnce(alone) : openGroup(),
      putBack: (busy) => void delayed.push(busy),
    };
    let outcomes: readonly (() => void)[] | undefined;
    const startedAt = performance.now();
    try {
      observer.onBegin?.();
      outcomes = await commit(transaction, work, group);
    } catch (error) {
      statistics.failedTransactionCount += 1;
      // BEGIN fails if the file is locked, read-only or closed. Its callers learn of it: the next try may fail as well.
      if (group.length === 0) for (let next = work.takeNext(); next; next = work.takeNext()) group.push(next);
      statistics.failedCount += group.length;
      for (const { reject } of group) reject(error);
    }
    statistics.durations.addMs(performance.now() - startedAt);
    isScheduled = false;
    schedule();
    if (!outcomes) return;
    for (const settle of outcomes) settle();
    observer.onCommit?.();
  };

  const commitWork: GroupCommit = (work, { size = 1, owner = '', users = NO_USERS, isExclusive } = {}) =>
    new Promise((resolve, reject) => {
      const pending: PendingWork = {
        size,
        users,
        run: work,
        resolve: resolve as PendingWork['resolve'],
        reject(error) {
          observer.onFailure?.(error);
          (reject as PendingWork['reject'])(error);
        },
      };
      if (isExclusive) exclusive.push(pending);
      else (size > MAX_SMALL_SIZE ? large : small).add(owner, pending);
      schedule();
    });
  if (!tracing) return commitWork;
  return (work, options) => {
    const command = activeSpanStorage.getStore();
    if (!command) return commitWork(work, options);
    const span = tracing.startSpan('commit', { kind: 'internal', parent: command });
    // The transaction runs in the asynchronous context of another piece of work.
    return runInSpan(span, () => commitWork(() => activeSpanStorage.run(span, work), options));
  };
}

interface TransactionTools {
  readonly begin: (isExclusive: boolean) => Promise<void>;
  readonly connection: SqlConnection;
  readonly appends: LogAppends;
  readonly locks: UserLocks;
  readonly statistics: GroupCommitStatistics;
}

/** The work that a transaction can take. */
interface TransactionWork {
  readonly isExclusive: boolean;
  /** Returns the next piece of work of this transaction. */
  readonly takeNext: () => PendingWork | undefined;
  /** Receives work whose user is busy. */
  readonly putBack: (work: PendingWork) => void;
}

/**
 * Runs one transaction, again after a conflict with another instance.
 * @param group receives the work that the transaction has taken; after an error it is all the work that has no result yet
 * @returns a function for each caller that resolves or rejects its promise, now that the transaction is on disk
 */
async function commit(
  tools: TransactionTools,
  work: TransactionWork,
  group: PendingWork[],
): Promise<readonly (() => void)[]> {
  const { connection, statistics } = tools;
  /** What the repeated transaction has still to run. It has the same work, and may fail before it has taken all of it. */
  const repeated: PendingWork[] = [];
  const takeNext = () => repeated.shift() ?? work.takeNext();
  try {
    for (let repetitions = 0; ; repetitions++) {
      try {
        return await runTransaction(tools, { ...work, takeNext }, group);
      } catch (error) {
        repeated.unshift(...group.splice(0));
        await connection.control('rollback');
        if (repetitions === MAX_REPETITIONS || !isTransactionConflict(error)) throw error;
        statistics.repeatedTransactionCount += 1;
      }
    }
  } finally {
    group.push(...repeated);
  }
}

async function runTransaction(
  tools: TransactionTools,
  { isExclusive, takeNext, putBack }: TransactionWork,
  group: PendingWork[],
): Promise<readonly (() => void)[]> {
  const { begin, connection, appends, locks, statistics } = tools;
  await begin(isExclusive);
  appends.clear();
  const outcomes: (() => void)[] = [];
  const busy: PendingWork[] = [];
  let failedCount = 0;
  const postpone = (work: PendingWork) => {
    statistics.busyUserCount += 1;
    busy.push(work);
  };
  /** @param work the last of the group */
  const run = async (work: PendingWork) => {
    const mark = appends.getMark();
    await connection.control('savepoint work');
    try {
      const result = await work.run();
      await connection.control('release work');
      outcomes.push(() => work.resolve(result));
    } catch (error) {
      // Some errors, such as a full disk, make SQLite roll back the whole transaction: then all of its work fails.
      if (!connection.isInTransaction || isTransactionConflict(error)) throw error;
      await connection.control('rollback to work');
      await connection.control('release work');
      appends.rollBackTo(mark);
      if (error instanceof UserBusyError) {
        group.pop();
        work.users = [...work.users, error.userId];
        postpone(work);
        return;
      }
      failedCount += 1;
      outcomes.push(() => work.reject(error));
    }
  };

  const lockedUsers = new Set<string>();
  const lockUsers = async (users: readonly string[]): Promise<boolean> => {
    if (users.every((user) => lockedUsers.has(user))) return true;
    if (!(await locks.tryLockUsers(users))) return false;
    for (const user of users) lockedUsers.add(user);
    return true;
  };

  try {
    for (let next = takeNext(); next; next = takeNext()) {
      // Before its lock, which may fail: then the work fails with the transaction.
      group.push(next);
      if (next.users.length === 0 || !locks.areNeeded || (await lockUsers(next.users))) await run(next);
      else {
        group.pop();
        postpone(next);
      }
    }
    const [first] = busy;
    if (first && group.length === 0) {
      // The transaction may hold some of the locks.
      await connection.control('rollback');
      await begin(isExclusive);
      await locks.waitForUsers(first.users);
      busy.shift();
      group.push(first);
      await run(first);
    }
    await appends.flush();
    await connection.control('commit');
    appends.recordCommit();
    const { headLock } = appends;
    if (headLock) {
      statistics.logHeadWaits.addMs(headLock.waitedMs);
      statistics.logHeadHolds.addMs(performance.now() - headLock.since);
    }
  } finally {
    for (const work of busy) putBack(work);
  }
  statistics.failedCount += failedCount;
  statistics.committedCount += group.length - failedCount;
  return outcomes;
}

function takeOnce(work: PendingWork): () => PendingWork | undefined {
  const remaining = [work];
  return () => remaining.shift();
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
