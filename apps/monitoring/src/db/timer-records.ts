import { and, asc, eq, lte, min, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { placeholders, replaced } from './prepared.js';
import { timers } from './schema.js';

export type TimerRecord = typeof timers.$inferSelect;

/** When rules are to judge open openings again; to be used inside a transaction. */
export function createTimerRecords(db: Db, notice: (at: number) => void) {
  const ofOpening = eq(timers.openingId, sql.placeholder('openingId'));
  const put = db
    .insert(timers)
    .values(placeholders(timers))
    .onConflictDoUpdate({ target: [timers.openingId, timers.ruleId], set: replaced(timers) })
    .prepare();
  const remove = db
    .delete(timers)
    .where(and(ofOpening, eq(timers.ruleId, sql.placeholder('ruleId'))))
    .prepare();
  const removeAll = db.delete(timers).where(ofOpening).prepare();
  const due = db
    .select()
    .from(timers)
    .where(lte(timers.due, sql.placeholder('at')))
    .orderBy(asc(timers.due))
    .limit(sql.placeholder('limit'))
    .prepare();
  const next = db
    .select({ due: min(timers.due) })
    .from(timers)
    .prepare();

  return {
    /** @param due undefined where there is nothing to wait for */
    set(openingId: number, ruleId: string, due: number | undefined): void {
      if (due === undefined) {
        remove.run({ openingId, ruleId });
        return;
      }
      put.run({ openingId, ruleId, due });
      notice(due);
    },
    removeAll(openingId: number): void {
      removeAll.run({ openingId });
    },
    /** The first ones that are due at an instant. */
    due: (at: number, limit: number): TimerRecord[] => due.all({ at, limit }),
    next: (): number | undefined => next.get()?.due ?? undefined,
  };
}

export type TimerRecords = ReturnType<typeof createTimerRecords>;
