import { sql } from 'drizzle-orm';
import { getDialect } from './dialect.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { queryRows } from './prepared-statement.js';

/** Another instance works on a user's data. The group commit repeats the work when it has ended. */
export class UserBusyError extends Error {
  override name = 'UserBusyError';

  constructor(readonly userId: string) {
    super('Another instance works on the data of the user.');
  }
}

/**
 * Locks of users, until the end of the open transaction: what belongs to a user is changed by one transaction at a time. SQLite has
 * one writer, so there the locks are always free.
 */
export interface UserLocks {
  /** False with one writer. */
  readonly areNeeded: boolean;
  /**
   * Takes the lock of a user inside a piece of work that did not know its user before (`WorkOptions.users`). Call it before the
   * first change.
   * @returns whether another instance may have changed the user's data since the work began: what was read is then read again
   * @throws UserBusyError which the group commit expects
   */
  readonly lockUser: (userId: string) => Promise<boolean>;
  /** The same for jobs that skip users who are busy. @returns whether the transaction has the lock now */
  readonly tryLockUser: (userId: string) => Promise<boolean>;
  /** For the group commit: takes all of the locks, or returns false. It may then hold some of them. */
  tryLockUsers(userIds: readonly string[]): Promise<boolean>;
  /** For the group commit: waits for the locks. Only for a transaction that holds none. */
  waitForUsers(userIds: readonly string[]): Promise<void>;
}

/** @param db the write connection */
export function createUserLocks(db: MonitoringDrizzle): UserLocks {
  if (getDialect(db).name === 'sqlite') return FREE_LOCKS;
  const tryLockUsers = async (userIds: readonly string[]) => {
    const rows = await queryRows<{ isLocked: boolean }>(
      db,
      sql`select bool_and(pg_try_advisory_xact_lock(hashtextextended(id, 0))) as "isLocked"
        from unnest(${sql.param(userIds)}::text[]) as users (id)`,
    );
    return rows[0]?.isLocked ?? true;
  };
  const tryLockUser = (userId: string) => tryLockUsers([userId]);
  return {
    areNeeded: true,
    tryLockUser,
    tryLockUsers,
    async lockUser(userId) {
      if (!(await tryLockUser(userId))) throw new UserBusyError(userId);
      return true;
    },
    async waitForUsers(userIds) {
      // In the order of the keys: two transactions that wait for several users never wait for each other.
      await queryRows(
        db,
        sql`select pg_advisory_xact_lock(key) from (
          select distinct hashtextextended(id, 0) as key from unnest(${sql.param(userIds)}::text[]) as users (id) order by key
        ) as keys`,
      );
    },
  };
}

const FREE_LOCKS: UserLocks = {
  areNeeded: false,
  lockUser: () => Promise.resolve(false),
  tryLockUser: () => Promise.resolve(true),
  tryLockUsers: () => Promise.resolve(true),
  waitForUsers: () => Promise.resolve(),
};
