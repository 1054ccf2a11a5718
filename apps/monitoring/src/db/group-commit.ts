import type { Db } from './open.js';

/**
 * Runs a caller's synchronous work in a transaction and resolves to its outcome once that is on disk.
 * @param size how much work it is, 1 being a command on one thing
 */
export type Transact = <T>(work: () => T, size?: number) => Promise<T>;

interface Waiting {
  readonly size: number;
  /** @returns what to tell the caller once the transaction is on disk */
  readonly run: () => () => void;
  readonly fail: (error: unknown) => void;
}

/** What is larger waits behind what is smaller. */
const SMALL = 16;

/**
 * Callers that come at the same time share one transaction, and so one wait for the disk. Each has a savepoint of its
 * own: one that throws takes back its own changes and no other's. Where the transaction as a whole fails, all do.
 *
 * Small work goes first, so that who brings one thing does not wait until a backlog of others' is taken in; and of large
 * work there is at least one in each transaction, so that it is not kept waiting for ever.
 * @param maxGroup as much shares a transaction at most: 256 hold up the event loop for some 20 ms
 */
export function createGroupCommit(db: Db, maxGroup: number): Transact {
  const small: Waiting[] = [];
  const large: Waiting[] = [];
  let scheduled = false;

  const schedule = () => {
    if (scheduled || small.length + large.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  };

  const takeGroup = (): Waiting[] => {
    const group: Waiting[] = [];
    let room = maxGroup;
    const take = (queue: Waiting[]) => {
      const next = queue.shift();
      if (!next) return;
      group.push(next);
      room -= next.size;
    };
    while (small.length > 0 && room > 0) take(small);
    do take(large);
    while ((large[0]?.size ?? Infinity) <= room);
    return group;
  };

  const flush = () => {
    scheduled = false;
    const group = takeGroup();
    try {
      for (const tell of commit(db, group)) tell();
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
    schedule();
  };

  return (work, size = 1) =>
    new Promise((resolve, reject) => {
      const run = () => {
        const outcome = work();
        return () => resolve(outcome);
      };
      (size > SMALL ? large : small).push({ size, run, fail: reject });
      schedule();
    });
}

/** @returns what to tell each, now that all of it is on disk */
function commit(db: Db, group: readonly Waiting[]): (() => void)[] {
  return db.transaction(
    (tx) =>
      group.map(({ run, fail }) => {
        try {
          return tx.transaction(run);
        } catch (error) {
          // A full disk or the like makes SQLite take back the whole transaction: nobody's part of it stands.
          if (!db.$client.inTransaction) throw error;
          return () => fail(error);
        }
      }),
    { behavior: 'immediate' },
  );
}
