import type { ReportsDb } from '../db/reports-database.js';
import { users } from '../db/schema.js';
import { isOneOf, runAsPromise } from '../db/sqlite-helpers.js';
import type { UserRepository } from './user-repository.js';

/** Creates the {@link UserRepository} over the `users` table. */
export const createSqliteUserRepository = (db: ReportsDb): UserRepository => ({
  findKnownIds: (ids) =>
    runAsPromise(() => {
      const found = db.select().from(users).where(isOneOf(users.id, ids)).all();
      return new Set(found.map(({ id }) => id));
    }),
});
