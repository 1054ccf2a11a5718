import { findEventOwner } from '@seguridad-abc/contracts';
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
  const readSetAsideBefore = (position: number) =>
    db
      .select({
        position: setAsideEntries.position,
        actor: setAsideEntries.actor,
        data: setAsideEntries.data,
      })
      .from(setAsideEntries)
      .where(lt(setAsideEntries.position, position))
      .all();

  /** Looks among the users, and then among the texts of entries that are set aside. */
  const findUser = ({ pseudonym, salt, position }: UserErasure): string | undefined => {
    const isErased = (id: string) => createUserPseudonym(salt, id) === pseudonym;
    const known = db.select().from(users).all();
    return (
      known.find(({ id }) => isErased(id))?.id ??
      readSetAsideBefore(position)
        .flatMap(({ actor, data }) => listTexts([actor, data]))
        .find(isErased)
    );
  };

  /** The log has `EventErased` in the place of the user's events, and no actor in those that the user caused for others. */
  const eraseSetAside = (userId: string, before: number) => {
    for (const { position, actor, data } of readSetAsideBefore(before)) {
      const isEntry = eq(setAsideEntries.position, position);
      // Nobody knows whose data an entry of an unknown form is.
      const owner = findEventOwner(data) ?? (listTexts(data).includes(userId) ? userId : undefined);
      if (owner === userId) db.delete(setAsideEntries).where(isEntry).run();
      else if (actor?.id === userId) db.update(setAsideEntries).set({ actor: null }).where(isEntry).run();
    }
  };

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
    eraseSetAside(userId, position);
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

/** All texts in a JSON value. */
const listTexts = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
};
