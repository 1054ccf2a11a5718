import { and, asc, eq, gte, inArray, lt, max, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { HistoryArchive } from '../history/history-store.js';
import { inList } from './in-list.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { transitions } from './schema.js';

const other = alias(transitions, 'other');

export function createHistoryArchive(db: Db): HistoryArchive {
  /** A service's transitions before its first that is not old. */
  const isOld = (service: string, before: number): SQL | undefined => {
    const young = db
      .select({ id: other.id })
      .from(other)
      .where(and(eq(other.service, service), gte(other.at, before)))
      .orderBy(asc(other.id))
      .limit(1);
    return and(
      eq(transitions.service, service),
      lt(transitions.id, sql`coalesce((${young}), ${Number.MAX_SAFE_INTEGER})`),
    );
  };

  return {
    services: () =>
      promised(() =>
        db
          .selectDistinct({ service: transitions.service })
          .from(transitions)
          .all()
          .map(({ service }) => service),
      ),

    old: (service, { before, from, limit }) =>
      promised(() =>
        db
          .select()
          .from(transitions)
          .where(and(isOld(service, before), gte(transitions.id, from)))
          .orderBy(asc(transitions.id))
          .limit(limit)
          .all(),
      ),

    apply: ({ removed, relinked }) =>
      promised(() =>
        db.transaction((tx) => {
          for (const { id, from } of relinked) {
            tx.update(transitions).set({ from }).where(eq(transitions.id, id)).run();
          }
          tx.delete(transitions).where(inList(transitions.id, removed)).run();
        }),
      ),

    forget: (service, { before, limit }) =>
      promised(() => {
        const newest = db
          .select({ id: max(transitions.id) })
          .from(transitions)
          .where(isOld(service, before));
        const ids = db
          .select({ id: transitions.id })
          .from(transitions)
          .where(and(eq(transitions.service, service), lt(transitions.id, sql`(${newest})`)))
          .orderBy(asc(transitions.id))
          .limit(limit);
        return db.delete(transitions).where(inArray(transitions.id, ids)).run().changes;
      }),
  };
}
