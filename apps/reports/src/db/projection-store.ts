import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { BEGINNING } from '../domain/checkpoint.js';
import { NOTHING } from '../domain/things.js';
import type { ProjectionStore } from '../projector/projection-store.js';
import type { Db } from './open.js';
import { preparePresentThings } from './present-things.js';
import { promised } from './promised.js';
import { preparePutThings } from './put-things.js';
import { checkpoint, setAside } from './schema.js';

const THE_ROW = 1;

/** The transaction is synchronous, as better-sqlite3 is: an asynchronous one would not roll back. */
export function createProjectionStore(db: Db): ProjectionStore {
  db.insert(checkpoint)
    .values({ id: THE_ROW, ...BEGINNING })
    .onConflictDoNothing()
    .run();
  const presentThings = preparePresentThings(db);
  const putThings = preparePutThings(db);

  return {
    checkpoint: () =>
      promised(() => {
        const row = db.select().from(checkpoint).get();
        return row ? { logId: row.logId, position: row.position } : BEGINNING;
      }),

    setAside: () =>
      promised(() => {
        const rows = db.select().from(setAside).orderBy(asc(setAside.position)).all();
        return rows.map(({ reason, ...entry }) => ({ entry, reason }));
      }),

    present: (told) => promised(() => presentThings(told)),

    commit: ({ from, to, things = NOTHING, setAside: aside = [], takenUp = [] }) =>
      promised(() =>
        db.transaction((tx) => {
          const { changes } = tx
            .update(checkpoint)
            .set(to)
            .where(and(eq(checkpoint.position, from.position), sql`${checkpoint.logId} is ${from.logId}`))
            .run();
          if (changes !== 1) throw new Error(`the read model is not at position ${from.position} any more`);
          putThings(things);
          for (const { entry, reason } of aside) {
            const row = { ...entry, reason };
            tx.insert(setAside).values(row).onConflictDoNothing().run();
          }
          if (takenUp.length > 0) tx.delete(setAside).where(inArray(setAside.position, takenUp)).run();
        }),
      ),
  };
}
