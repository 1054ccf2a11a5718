import { asc, eq } from 'drizzle-orm';
import { runAsPromise, type HeartbeatDb } from './heartbeat-database.js';
import type { MaintenanceRepository } from './repositories.js';
import { maintenance } from './schema.js';

export function createSqliteMaintenanceRepository(db: HeartbeatDb): MaintenanceRepository {
  /** Waits for the disk, unlike writes of the history: an operator relies on a confirmed change. */
  const runDurably = (write: () => unknown): Promise<void> =>
    runAsPromise(() => {
      db.$client.pragma('synchronous = FULL');
      try {
        write();
      } finally {
        db.$client.pragma('synchronous = NORMAL');
      }
    });

  return {
    findAll: () =>
      runAsPromise(() =>
        db
          .select()
          .from(maintenance)
          .orderBy(asc(maintenance.service))
          .all()
          .map(({ until, ...row }) => ({ ...row, until: until ?? undefined })),
      ),

    save: ({ service, reason, since, until = null }) =>
      runDurably(() => {
        const columns = { reason, since, until };
        db.insert(maintenance)
          .values({ service, ...columns })
          .onConflictDoUpdate({ target: maintenance.service, set: columns })
          .run();
      }),

    remove: (service) =>
      runDurably(() => db.delete(maintenance).where(eq(maintenance.service, service)).run()),
  };
}
