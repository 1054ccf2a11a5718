import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { BEGINNING } from '../domain/checkpoint.js';
import type { ProjectionStore } from '../projector/projection-store.js';
import { inList } from './in-list.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { fromRow, toRow } from './rule-row.js';
import { checkpoint, rules, setAside, users } from './schema.js';
import { prepareUpsertRule } from './upsert-rule.js';

const THE_ROW = 1;

/** The transaction is synchronous, as better-sqlite3 is: an asynchronous one would not roll back. */
export function createProjectionStore(db: Db): ProjectionStore {
  db.insert(checkpoint)
    .values({ id: THE_ROW, ...BEGINNING })
    .onConflictDoNothing()
    .run();
  const upsertRule = prepareUpsertRule(db);
  const insertUser = db
    .insert(users)
    .values({ id: sql.placeholder('id') })
    .onConflictDoNothing()
    .prepare();

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

    rules: (ids) =>
      promised(() => {
        const rows = db.select().from(rules).where(inList(rules.id, ids)).all();
        return new Map(rows.map((row) => [row.id, fromRow(row)]));
      }),

    commit: ({ from, to, rules: changed = [], setAside: aside = [], takenUp = [] }) =>
      promised(() =>
        db.transaction((tx) => {
          const { changes } = tx
            .update(checkpoint)
            .set(to)
            .where(and(eq(checkpoint.position, from.position), sql`${checkpoint.logId} is ${from.logId}`))
            .run();
          if (changes !== 1) throw new Error(`the read model is not at position ${from.position} any more`);
          for (const rule of changed) upsertRule(toRow(rule));
          for (const id of new Set(changed.map(({ state }) => state.userId))) insertUser.run({ id });
          for (const { entry, reason } of aside) {
            const row = { ...entry, reason };
            tx.insert(setAside).values(row).onConflictDoNothing().run();
          }
          if (takenUp.length > 0) tx.delete(setAside).where(inArray(setAside.position, takenUp)).run();
        }),
      ),
  };
}
