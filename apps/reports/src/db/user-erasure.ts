import { createUserPseudonym } from '@seguridad-abc/platform';
import { and, eq, lt, notExists, sql } from 'drizzle-orm';
import type { UserErasure } from '../domain/projection.js';
import type { ReportsDrizzle } from './reports-database.js';
import { alarms, devices, intervals, openings, rules, setAsideEntries, users } from './schema.js';

/** Rows that one transaction deletes. Queries wait for it, a few milliseconds. */
const ROWS_PER_TRANSACTION = 500;

/**
 * Creates the function that erases a user's records in the read model: those from events before the erasure. What the same
 * user sends afterwards is kept, in any order of the events.
 * @returns a function that erases some of them, and returns whether there may be more
 */
export function createUserDataErasure(db: ReportsDrizzle): (erasure: UserErasure) => boolean {
  const findUser = ({ pseudonym, salt }: UserErasure): string | undefined =>
    db
      .select()
      .from(users)
      .all()
      .find(({ id }) => createUserPseudonym(salt, id) === pseudonym)?.id;

  const deleteSomeAlarmsAndIntervals = (userId: string, position: number): number => {
    const limit = sql`limit ${ROWS_PER_TRANSACTION}`;
    const statements = [
      sql`delete from ${alarms} where id in (select id from ${alarms}
        where user_id = ${userId} and changed_position < ${position} ${limit})`,
      sql`delete from ${intervals} where (opening_id, start_id) in (select opening_id, start_id from ${intervals}
        where opening_id in (select id from ${openings} where user_id = ${userId})
        and changed_position < ${position} ${limit})`,
    ];
    return statements.reduce((sum, statement) => sum + db.run(statement).changes, 0);
  };

  const deleteRulesAndOpenings = (userId: string, position: number) => {
    db.delete(rules)
      .where(and(eq(rules.userId, userId), lt(rules.createdPosition, position)))
      .run();
    db.delete(devices)
      .where(and(eq(devices.userId, userId), lt(devices.createdPosition, position)))
      .run();
    const isErased = and(eq(openings.userId, userId), lt(openings.changedPosition, position));
    const laterRule = db
      .select()
      .from(rules)
      .where(and(eq(rules.userId, openings.userId), eq(rules.opening, openings.name)));
    const laterInterval = db.select().from(intervals).where(eq(intervals.openingId, openings.id));
    db.delete(openings)
      .where(and(isErased, notExists(laterRule), notExists(laterInterval)))
      .run();
    // A rule of the user after the erasure has made the opening known again.
    db.update(openings).set({ state: null, since: null, changedPosition: 0 }).where(isErased).run();
    const remaining = db.select().from(openings).where(eq(openings.userId, userId)).limit(1).get();
    if (!remaining) db.delete(users).where(eq(users.id, userId)).run();
    const text = JSON.stringify(userId);
    db.delete(setAsideEntries)
      .where(
        and(
          lt(setAsideEntries.position, position),
          sql`(instr(${setAsideEntries.data}, ${text}) or instr(${setAsideEntries.actor}, ${text}))`,
        ),
      )
      .run();
  };

  return (erasure) =>
    db.transaction(() => {
      const userId = findUser(erasure);
      if (userId === undefined) return false;
      if (deleteSomeAlarmsAndIntervals(userId, erasure.position) > 0) return true;
      deleteRulesAndOpenings(userId, erasure.position);
      return false;
    });
}
