import type { Db } from './open.js';

/** Runs a caller's synchronous work in a transaction and resolves to its outcome once that is on disk. */
export type Transact = <T>(work: () => T) => Promise<T>;

interface Waiting {
  /** @returns what to tell the caller once the transaction is on disk */
  readonly run: () => () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Callers that come at the same time share one transaction, and so one wait for the disk. Each has a savepoint of its
 * own: one that throws takes back its own changes and no other's. Where the transaction as a whole fails, all do.
 * @param maxGroup callers that share a transaction at most: 256 hold up the event loop for some 20 ms
 */
export function createGroupCommit(db: Db, maxGroup: number): Transact {
  let waiting: Waiting[] = [];
  let scheduled = false;

  const schedule = () => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  };

  const flush = () => {
    scheduled = false;
    const group = waiting.slice(0, maxGroup);
    waiting = waiting.slice(maxGroup);
    try {
      for (const tell of commit(db, group)) tell();
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
    schedule();
  };

  return (work) =>
    new Promise((resolve, reject) => {
      const run = () => {
        const outcome = work();
        return () => resolve(outcome);
      };
      waiting.push({ run, fail: reject });
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
