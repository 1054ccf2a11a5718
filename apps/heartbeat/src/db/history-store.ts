import { sql } from 'drizzle-orm';
import type { HistoryStore } from '../history/history-store.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { transitions, watch } from './schema.js';

const THE_ROW = 1;

/** The transaction is synchronous, as better-sqlite3 is: an asynchronous one would not roll back. */
export function createHistoryStore(db: Db): HistoryStore {
  return {
    memory: () =>
      promised(() => {
        const row = db.select().from(watch).get();
        return row && { aliveAt: row.aliveAt, services: row.services };
      }),

    save: (changes, memory) =>
      promised(() =>
        db.transaction((tx) => {
          for (const change of changes) tx.insert(transitions).values(change).run();
          tx.insert(watch)
            .values({ id: THE_ROW, ...memory })
            .onConflictDoUpdate({
              target: watch.id,
              set: { aliveAt: sql`excluded.alive_at`, services: sql`excluded.services` },
            })
            .run();
        }),
      ),
  };
}
