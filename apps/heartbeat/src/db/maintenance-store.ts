import { asc, eq } from 'drizzle-orm';
import type { MaintenanceStore } from '../maintenance/maintenance-store.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { maintenance } from './schema.js';

export function createMaintenanceStore(db: Db): MaintenanceStore {
  /** Unlike the history, what an operator was told is done waits for the disk. */
  const durably = (work: () => unknown): Promise<void> =>
    promised(() => {
      db.$client.pragma('synchronous = FULL');
      try {
        work();
      } finally {
        db.$client.pragma('synchronous = NORMAL');
      }
    });

  return {
    all: () =>
      promised(() =>
        db
          .select()
          .from(maintenance)
          .orderBy(asc(maintenance.service))
          .all()
          .map(({ until, ...row }) => ({ ...row, until: until ?? undefined })),
      ),

    put: ({ service, reason, since, until = null }) =>
      durably(() => {
        const row = { reason, since, until };
        db.insert(maintenance)
          .values({ service, ...row })
          .onConflictDoUpdate({ target: maintenance.service, set: row })
          .run();
      }),

    remove: (service) => durably(() => db.delete(maintenance).where(eq(maintenance.service, service)).run()),
  };
}
