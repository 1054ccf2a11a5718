import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { users } from '../db/schema.js';
import type { KnownUserRepository } from './user-queries.js';

/** Creates the {@link KnownUserRepository} over the `users` table. */
export const createSqliteKnownUserRepository = (db: ReportsDrizzle): KnownUserRepository => ({
  findKnownIds: (ids) =>
    runAsPromise(() => {
      const found = db.select().from(users).where(buildIsOneOfSql(users.id, ids)).all();
      return new Set(found.map(({ id }) => id));
    }),
});
