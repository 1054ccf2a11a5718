import { eq, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { placeholders } from './prepared.js';
import { catchUps } from './schema.js';

export type CatchUpRecord = typeof catchUps.$inferSelect;

/** Rules that have not judged all of the record yet; to be used inside a transaction. */
export function createCatchUpRecords(db: Db, notice: (at: number) => void) {
  const any = db.select().from(catchUps).limit(1).prepare();
  const begin = db
    .insert(catchUps)
    .values(placeholders(catchUps))
    .onConflictDoUpdate({
      target: catchUps.ruleId,
      set: { nextStart: sql`min(${catchUps.nextStart}, excluded.next_start)` },
    })
    .prepare();
  const ofRule = eq(catchUps.ruleId, sql.placeholder('ruleId'));
  const advance = db
    .update(catchUps)
    .set({ nextStart: sql`${sql.placeholder('nextStart')}` })
    .where(ofRule)
    .prepare();
  const end = db.delete(catchUps).where(ofRule).prepare();

  return {
    any: (): CatchUpRecord | undefined => any.get(),
    /** A rule that has begun from an earlier interval on keeps to that one. */
    begin(catchUp: CatchUpRecord): void {
      begin.run({ ...catchUp });
      notice(0);
    },
    advance(ruleId: string, nextStart: number): void {
      advance.run({ ruleId, nextStart });
    },
    end(ruleId: string): void {
      end.run({ ruleId });
    },
  };
}
