/**
 * Writes what `appendEvent` and `appendAuditEntry` have kept in the open transaction. The group commit does so before each commit.
 * Work that has to know the position of its event, or the sequence number of its entry, calls it earlier. From then on until the
 * commit, no other instance can commit: so only rare work does.
 */
export type FlushAppends = () => Promise<void>;

/**
 * Takes the lock of a user inside a piece of work that did not know its user before (`WorkOptions.users`). Call it before the first
 * change. If another instance has the user, it rejects with `UserBusyError`: pass that on, and the group commit repeats the work
 * when the user is free.
 */
export type LockUser = (userId: string) => Promise<void>;

/** The same without waiting, for jobs that skip users who are busy. @returns whether the transaction has the lock now */
export type TryLockUser = (userId: string) => Promise<boolean>;

/** Another instance works on a user's data. The group commit repeats the work. */
export class UserBusyError extends Error {
  override name = 'UserBusyError';

  constructor(readonly userId: string) {
    super('Another instance works on the data of the user.');
  }
}
