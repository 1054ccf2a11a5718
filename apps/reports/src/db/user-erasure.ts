import { findEventOwner } from '@seguridad-abc/contracts';
import { buildIsOneOfSql, createUserPseudonym } from '@seguridad-abc/platform/storage';
import { and, asc, eq, gt, lt, notExists, sql } from 'drizzle-orm';
import type { UserErasure } from '../domain/projection.js';
import type { ReportsDrizzle } from './reports-database.js';
import {
  alarms,
  alarmTimeline,
  calendars,
  devices,
  exceptions,
  heardInstants,
  intervals,
  openings,
  rules,
  setAsideEntries,
  users,
} from './schema.js';

/** Rows that one transaction deletes. Queries wait for it, a few milliseconds. */
const ROWS_PER_TRANSACTION = 500;
/** An entry is in one index; an alarm is in many. */
const TIMELINE_ENTRIES_PER_TRANSACTION = 2_000;
/** Users whose pseudonyms one transaction computes. It takes a few milliseconds. */
const USERS_PER_TRANSACTION = 2_000;

/** The search for the user of an erasure, among the users in the order of their ids. */
interface UserSearch {
  readonly pseudonym: string;
  /** The id up to which the users are searched. */
  searchedTo: string;
  userId: string | undefined;
}

/**
 * Creates the function that erases a user's records in the read model: those from events before the erasure. What the same
 * user sends afterwards is kept, in any order of the events.
 * @returns a function that erases some of them, and returns whether there may be more
 */
export function createUserDataErasure(db: ReportsDrizzle): (erasure: UserErasure) => boolean {
  /** The erasure in progress. Erasures come one after the other. */
  let search: UserSearch | undefined;

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

  /** Searches some users. @returns the user if it is found, and whether there may be more to search */
  const searchSomeUsers = (current: UserSearch, salt: string) => {
    const some = db
      .select()
      .from(users)
      .where(gt(users.id, current.searchedTo))
      .orderBy(asc(users.id))
      .limit(USERS_PER_TRANSACTION)
      .all();
    current.searchedTo = some.at(-1)?.id ?? current.searchedTo;
    return {
      foundId: some.find(({ id }) => createUserPseudonym(salt, id) === current.pseudonym)?.id,
      hasMore: some.length === USERS_PER_TRANSACTION,
    };
  };

  /** Searches the texts of entries that are set aside. */
  const findSetAsideUser = ({ pseudonym, salt, position }: UserErasure): string | undefined =>
    readSetAsideBefore(position)
      .flatMap(({ actor, data }) => listTexts([actor, data]))
      .find((text) => createUserPseudonym(salt, text) === pseudonym);

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

  /** Deletes some of the many rows. */
  const deleteSomeHistory = (userId: string, position: number): number => {
    const limit = sql`limit ${ROWS_PER_TRANSACTION}`;
    const erasedAlarms = db
      .all<{ id: string }>(
        sql`select id from ${alarms} where user_id = ${userId} and changed_position < ${position} ${limit}`,
      )
      .map(({ id }) => id);
    // A timeline can be long: the alarms wait for the last of its entries.
    const { changes: entries } = db.run(sql`delete from ${alarmTimeline} where id in (
      select id from ${alarmTimeline} where ${buildIsOneOfSql(alarmTimeline.alarmId, erasedAlarms)}
      limit ${TIMELINE_ENTRIES_PER_TRANSACTION})`);
    if (entries === TIMELINE_ENTRIES_PER_TRANSACTION) return entries;
    const statements = [
      sql`delete from ${alarms} where ${buildIsOneOfSql(alarms.id, erasedAlarms)}`,
      ...[
        { table: intervals, key: sql.raw('opening_id, signal, start_id') },
        { table: heardInstants, key: sql.raw('opening_id, at') },
      ].map(
        ({ table, key }) => sql`delete from ${table} where (${key}) in (select ${key} from ${table}
          where opening_id in (select id from ${openings} where user_id = ${userId})
          and changed_position < ${position} ${limit})`,
      ),
    ];
    return statements.reduce((sum, statement) => sum + db.run(statement).changes, 0);
  };

  const deleteDefinitionsAndOpenings = (userId: string, position: number) => {
    for (const [table, eventPosition] of [
      [rules, rules.createdPosition],
      [devices, devices.createdPosition],
      [calendars, calendars.changedPosition],
      [exceptions, exceptions.changedPosition],
    ] as const) {
      db.delete(table)
        .where(and(eq(table.userId, userId), lt(eventPosition, position)))
        .run();
    }
    const isErased = and(eq(openings.userId, userId), lt(openings.changedPosition, position));
    const laterRule = db
      .select()
      .from(rules)
      .where(and(eq(rules.userId, openings.userId), eq(rules.opening, openings.name)));
    const laterInterval = db.select().from(intervals).where(eq(intervals.openingId, openings.id));
    const laterHeard = db.select().from(heardInstants).where(eq(heardInstants.openingId, openings.id));
    db.delete(openings)
      .where(and(isErased, notExists(laterRule), notExists(laterInterval), notExists(laterHeard)))
      .run();
    // A rule of the user after the erasure has made the opening known again.
    db.update(openings)
      .set({ state: null, since: null, tampered: null, batteryLow: null, changedPosition: 0 })
      .where(isErased)
      .run();
    const isKnown = [openings, devices, calendars, exceptions].some(
      (table) => db.select().from(table).where(eq(table.userId, userId)).limit(1).get() !== undefined,
    );
    if (!isKnown) db.delete(users).where(eq(users.id, userId)).run();
    eraseSetAside(userId, position);
  };

  return (erasure) =>
    db.transaction(() => {
      const { pseudonym, salt, position } = erasure;
      if (search?.pseudonym !== pseudonym) search = { pseudonym, searchedTo: '', userId: undefined };
      if (search.userId === undefined) {
        const { foundId, hasMore } = searchSomeUsers(search, salt);
        if (foundId === undefined && hasMore) return true;
        search.userId = foundId ?? findSetAsideUser(erasure);
      }
      const { userId } = search;
      if (userId !== undefined) {
        if (deleteSomeHistory(userId, position) > 0) return true;
        deleteDefinitionsAndOpenings(userId, position);
      }
      search = undefined;
      return false;
    });
}

/** All texts in a JSON value. */
const listTexts = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
};
