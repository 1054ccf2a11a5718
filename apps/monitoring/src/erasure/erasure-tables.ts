import { randomBytes } from 'node:crypto';
import type { Actor, AlarmState, MonitoringEvent } from '@seguridad-abc/contracts';
import { alarmStateSchema, findEventOwner, pickFields, SECOND_EVENT_VERSION } from '@seguridad-abc/contracts';
import { createUserPseudonym } from '@seguridad-abc/platform';
import { and, asc, count, eq, gt, inArray, isNotNull, isNull, lte, max, min, ne, or, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent } from '../db/outbox.js';
import {
  alarms,
  auditEntries,
  calendars,
  calendarVersions,
  devices,
  erasedOpenings,
  erasures,
  events,
  idempotencyKeyRows,
  intervals,
  openingExceptions,
  openings,
  pendingAlarms,
  readings,
  reevaluationJobs,
  rules,
  ruleVersions,
  snapshotEntries,
  unevaluatedEpisodes,
} from '../db/schema.js';
import { getLaterInstant } from '../domain/decision.js';

/** Rules or alarms that one transaction ends, each with an event. A few milliseconds, for which commands wait. */
const ENDED_PER_TRANSACTION = 50;
/** Rows that one transaction deletes or clears. */
const ROWS_PER_TRANSACTION = 500;
/** Calendars, or their versions, that one transaction deletes. Each has some 100 kB. */
const CALENDARS_PER_TRANSACTION = 20;
/** Events, or idempotency keys, that one transaction looks at. */
const SCANNED_PER_TRANSACTION = 2_000;

const SALT_BYTES = 16;

/** The reason of alarms that end because their user's data is erased. */
const ERASURE_REASON = "The user's data was erased.";

export type ErasureRecord = typeof erasures.$inferSelect;
/** An erasure that is not complete. */
export type PendingErasure = ErasureRecord & { readonly userId: string };
/** An erasure after its event `UserErased`. */
export type FencedErasure = PendingErasure & { readonly position: number; readonly auditSequence: number };

/**
 * The steps of an erasure. Each call is synchronous, belongs inside a transaction, does a limited amount of work, and returns
 * whether there may be more.
 */
export const createErasureTables = (db: MonitoringDrizzle, appendEvent: AppendEvent) => ({
  ...createErasureRecords(db),
  countUserData: createUserDataCount(db),
  endRulesAndAlarms: createRuleAndAlarmEnding(db, appendEvent),
  deleteCalendarsAndExceptions: createCalendarAndExceptionDeletion(db),
  ...createStateDeletion(db, appendEvent),
  eraseEvents: createEventErasure(db),
  eraseSnapshotEntries: createSnapshotErasure(db),
  eraseAuditEntries: createAuditErasure(db),
});

export type ErasureTables = ReturnType<typeof createErasureTables>;

const toPending = (record: ErasureRecord | undefined): PendingErasure | undefined =>
  record && record.userId !== null ? { ...record, userId: record.userId } : undefined;

function createErasureRecords(db: MonitoringDrizzle) {
  return {
    create(userId: string, now: string): PendingErasure {
      const salt = randomBytes(SALT_BYTES).toString('base64url');
      const created = db
        .insert(erasures)
        .values({ userId, salt, pseudonym: createUserPseudonym(salt, userId), requestedAt: now })
        .returning()
        .get();
      return { ...created, userId };
    },
    /** The erasure of a user that is not complete. */
    findOf: (userId: string): PendingErasure | undefined =>
      toPending(db.select().from(erasures).where(eq(erasures.userId, userId)).get()),
    /** The erasure with a pseudonym, unless it is complete. */
    findByPseudonym: (pseudonym: string): PendingErasure | undefined =>
      toPending(db.select().from(erasures).where(eq(erasures.pseudonym, pseudonym)).get()),
    /** The oldest erasure that is not complete. */
    findPending(): PendingErasure | undefined {
      return toPending(
        db.select().from(erasures).where(isNull(erasures.completedAt)).orderBy(asc(erasures.id)).get(),
      );
    },
    complete({ id }: ErasureRecord, now: string): void {
      db.update(erasures).set({ userId: null, completedAt: now }).where(eq(erasures.id, id)).run();
    },
  };
}

/** What is stored of a user. Readings, intervals and alarms belong to openings. */
export interface StoredUserData {
  /** Deleted rules too. */
  readonly rules: number;
  /** Deleted calendars too. */
  readonly calendars: number;
  /** Exceptions that have ended too. */
  readonly exceptions: number;
  readonly openings: number;
  /** Revoked devices too. */
  readonly devices: number;
}

/** Counts what is stored of a user. It reads indexes and the table of devices, whatever the number of readings is. */
function createUserDataCount(db: MonitoringDrizzle) {
  type OwnedTable =
    typeof rules | typeof calendars | typeof openingExceptions | typeof openings | typeof devices;
  const countRows = (table: OwnedTable, userId: string): number =>
    db.select({ count: count() }).from(table).where(eq(table.userId, userId)).get()?.count ?? 0;
  /** @returns undefined if nothing is stored, also no entry of the audit trail */
  return (userId: string): StoredUserData | undefined => {
    const stored = {
      rules: countRows(rules, userId),
      calendars: countRows(calendars, userId),
      exceptions: countRows(openingExceptions, userId),
      openings: countRows(openings, userId),
      devices: countRows(devices, userId),
    };
    const entry = db
      .select({ sequence: auditEntries.sequence })
      .from(auditEntries)
      .where(or(eq(auditEntries.userId, userId), eq(auditEntries.actor, userId)))
      .limit(1)
      .get();
    return entry || Object.values(stored).some((rows) => rows > 0) ? stored : undefined;
  };
}

/** Ends the user's rules and active alarms with the usual events, so that subscribers learn of it. */
function createRuleAndAlarmEnding(db: MonitoringDrizzle, appendEvent: AppendEvent) {
  const append = (event: MonitoringEvent, now: string, actor: Actor | null) => appendEvent(event, now, actor);
  const endRules = (userId: string, now: string): number => {
    const found = db.select().from(rules).where(eq(rules.userId, userId)).limit(ENDED_PER_TRANSACTION).all();
    for (const rule of found) {
      if (rule.deletedAt === null) {
        const deletedAt = getLaterInstant(now, rule.updatedAt);
        const ended = { ...rule, deletedAt, updatedAt: deletedAt, version: rule.version + 1 };
        append({ type: 'RuleDeleted', version: SECOND_EVENT_VERSION, data: { rule: ended } }, now, null);
      }
      db.delete(reevaluationJobs).where(eq(reevaluationJobs.ruleId, rule.id)).run();
      db.delete(ruleVersions).where(eq(ruleVersions.ruleId, rule.id)).run();
    }
    if (found.length > 0) {
      const ids = found.map(({ id }) => id);
      db.delete(rules).where(inArray(rules.id, ids)).run();
    }
    return found.length;
  };
  const endAlarms = (userId: string, now: string): number => {
    const ofUser = db.select({ id: openings.id }).from(openings).where(eq(openings.userId, userId));
    const found = db
      .select()
      .from(alarms)
      .where(and(inArray(alarms.openingId, ofUser), eq(alarms.status, 'ACTIVE')))
      .limit(ENDED_PER_TRANSACTION)
      .all();
    for (const record of found) {
      const alarm: AlarmState = {
        ...pickFields(alarmStateSchema, record),
        status: 'RETRACTED',
        reason: ERASURE_REASON,
        updatedAt: getLaterInstant(now, record.updatedAt),
        version: record.version + 1,
      };
      append({ type: 'AlarmRetracted', version: 1, data: { alarm } }, now, null);
      db.delete(alarms).where(eq(alarms.id, record.id)).run();
    }
    return found.length;
  };
  return ({ userId }: PendingErasure, now: string): boolean =>
    endRules(userId, now) > 0 || endAlarms(userId, now) > 0;
}

/** Deletes some of the user's calendars and exceptions. No rule names a calendar any more. */
function createCalendarAndExceptionDeletion(db: MonitoringDrizzle) {
  return ({ userId }: PendingErasure): boolean => {
    const limit = sql`limit ${CALENDARS_PER_TRANSACTION}`;
    const ofUser = sql`select id from ${calendars} where user_id = ${userId}`;
    const statements = [
      sql`delete from ${calendarVersions} where (calendar_id, valid_from) in
        (select calendar_id, valid_from from ${calendarVersions} where calendar_id in (${ofUser}) ${limit})`,
      sql`delete from ${calendars} where id in (${ofUser} ${limit})`,
      sql`delete from ${openingExceptions} where id in
        (select id from ${openingExceptions} where user_id = ${userId} limit ${ROWS_PER_TRANSACTION})`,
    ];
    return statements.some((statement) => db.run(statement).changes > 0);
  };
}

function createStateDeletion(db: MonitoringDrizzle, appendEvent: AppendEvent) {
  /** Deletes some of the rows of an opening. @returns their number */
  const deleteOfOpening = (openingId: number): number => {
    const limit = sql`limit ${ROWS_PER_TRANSACTION}`;
    const statements = [
      sql`delete from ${readings} where (opening_id, code, at, id) in
        (select opening_id, code, at, id from ${readings} where opening_id = ${openingId} ${limit})`,
      sql`delete from ${intervals} where (opening_id, signal, started_at) in
        (select opening_id, signal, started_at from ${intervals} where opening_id = ${openingId} ${limit})`,
      sql`delete from ${alarms} where id in (select id from ${alarms} where opening_id = ${openingId} ${limit})`,
      sql`delete from ${ruleVersions} where opening_id = ${openingId}`,
      sql`delete from ${pendingAlarms} where opening_id = ${openingId}`,
      sql`delete from ${unevaluatedEpisodes} where opening_id = ${openingId}`,
      sql`delete from ${reevaluationJobs} where opening_id = ${openingId}`,
    ];
    return statements.reduce((sum, statement) => sum + db.run(statement).changes, 0);
  };

  return {
    /**
     * Detaches the user's openings, and appends `UserErased`. What the user sends afterwards belongs to a new user with new
     * openings.
     */
    fence(erasure: PendingErasure, now: string): FencedErasure {
      const { id, userId, pseudonym, salt } = erasure;
      const ofUser = db.select({ id: openings.id }).from(openings).where(eq(openings.userId, userId));
      db.delete(pendingAlarms).where(inArray(pendingAlarms.openingId, ofUser)).run();
      for (const opening of ofUser.all())
        db.insert(erasedOpenings)
          .values({ openingId: opening.id, erasureId: id })
          .onConflictDoNothing()
          .run();
      db.delete(openings).where(eq(openings.userId, userId)).run();
      db.delete(devices).where(eq(devices.userId, userId)).run();
      appendEvent({ type: 'UserErased', version: 1, data: { pseudonym, salt } }, now, null);
      const position =
        db
          .select({ last: max(events.position) })
          .from(events)
          .get()?.last ?? 0;
      const auditSequence =
        db
          .select({ last: max(auditEntries.sequence) })
          .from(auditEntries)
          .get()?.last ?? 0;
      db.update(erasures).set({ position, auditSequence }).where(eq(erasures.id, id)).run();
      return { ...erasure, position, auditSequence };
    },

    /** Deletes readings, intervals and alarms of the detached openings. */
    deleteOpeningData({ id }: FencedErasure): boolean {
      const opening = db.select().from(erasedOpenings).where(eq(erasedOpenings.erasureId, id)).get();
      if (!opening) return false;
      const deleted = deleteOfOpening(opening.openingId);
      if (deleted === 0)
        db.delete(erasedOpenings).where(eq(erasedOpenings.openingId, opening.openingId)).run();
      return true;
    },

    /**
     * Deletes the idempotency keys of the user, and those of operators whose result is the user's.
     * @param after the rowid after which the scan continues
     * @returns the rowid at which it ends; undefined at the end of the table
     */
    deleteIdempotencyKeys({ userId, position }: FencedErasure, after: number): number | undefined {
      const until =
        db.select({ at: events.at }).from(events).where(eq(events.position, position)).get()?.at ?? '';
      const rowid = sql<number>`rowid`;
      const some = db
        .select({ rowid })
        .from(idempotencyKeyRows)
        .where(gt(rowid, after))
        .orderBy(asc(rowid))
        .limit(SCANNED_PER_TRANSACTION)
        .all();
      const last = some.at(-1)?.rowid;
      if (last === undefined) return undefined;
      const callers = ['customer', 'operator', 'device'].map((role) => `${role}:${userId}`);
      const isOfUser = or(
        inArray(idempotencyKeyRows.caller, callers),
        sql`${idempotencyKeyRows.answer} ->> '$.userId' = ${userId}`,
      );
      db.delete(idempotencyKeyRows)
        .where(and(gt(rowid, after), lte(rowid, last), lte(idempotencyKeyRows.at, until), isOfUser))
        .run();
      return last;
    },
  };
}

/** Replaces the user's events up to the fence. Positions stay, so that the log has no gaps. */
function createEventErasure(db: MonitoringDrizzle) {
  return ({ id, userId, position: fence }: FencedErasure): boolean => {
    const { erasedPosition } = db.select().from(erasures).where(eq(erasures.id, id)).get() ?? {
      erasedPosition: fence,
    };
    if (erasedPosition >= fence) return false;
    // A compacted log has no entries at its first positions.
    const first = db
      .select({ position: min(events.position) })
      .from(events)
      .where(gt(events.position, erasedPosition))
      .get()?.position;
    const until = Math.min((first ?? fence) - 1 + SCANNED_PER_TRANSACTION, fence);
    // The text of the id selects few events, which are then parsed.
    const text = JSON.stringify(userId);
    const found = db
      .select({ position: events.position, data: events.data, actor: events.actor })
      .from(events)
      .where(
        and(
          gt(events.position, erasedPosition),
          lte(events.position, until),
          sql`(instr(${events.data}, ${text}) or instr(${events.actor}, ${text}))`,
        ),
      )
      .all();
    for (const { position, data, actor } of found) {
      if (findEventOwner(data) === userId) {
        db.update(events)
          .set({ type: 'EventErased', version: 1, data: {}, actor: sql`null` })
          .where(eq(events.position, position))
          .run();
      } else if (actor?.id === userId) {
        db.update(events)
          .set({ actor: sql`null` })
          .where(eq(events.position, position))
          .run();
      }
    }
    db.update(erasures).set({ erasedPosition: until }).where(eq(erasures.id, id)).run();
    return until < fence;
  };
}

/** Where the search of the snapshot continues. */
export interface SnapshotPlace {
  readonly snapshot: number;
  readonly position: number;
}

/**
 * Deletes the user's entries in the snapshot of a compacted log, also in one that is being built: its entries are copies of
 * those that are searched before it.
 * @returns a function that searches some entries after a place, and returns where to continue; undefined at the end
 */
function createSnapshotErasure(db: MonitoringDrizzle) {
  return ({ userId, position: fence }: FencedErasure, after: SnapshotPlace): SnapshotPlace | undefined => {
    const isAfter = sql`(${snapshotEntries.snapshot}, ${snapshotEntries.position}) > (${after.snapshot}, ${after.position})`;
    const order = [asc(snapshotEntries.snapshot), asc(snapshotEntries.position)];
    const place = { snapshot: snapshotEntries.snapshot, position: snapshotEntries.position };
    const last = db
      .select(place)
      .from(snapshotEntries)
      .where(isAfter)
      .orderBy(...order)
      .limit(SCANNED_PER_TRANSACTION)
      .all()
      .at(-1);
    if (!last) return undefined;
    const text = JSON.stringify(userId);
    const found = db
      .select({ ...place, data: snapshotEntries.data, actor: snapshotEntries.actor })
      .from(snapshotEntries)
      .where(
        and(
          isAfter,
          sql`(${snapshotEntries.snapshot}, ${snapshotEntries.position}) <= (${last.snapshot}, ${last.position})`,
          lte(snapshotEntries.position, fence),
          sql`(instr(${snapshotEntries.data}, ${text}) or instr(${snapshotEntries.actor}, ${text}))`,
        ),
      )
      .all();
    for (const { snapshot, position, data, actor } of found) {
      const isEntry = and(eq(snapshotEntries.snapshot, snapshot), eq(snapshotEntries.position, position));
      if (findEventOwner(data) === userId) db.delete(snapshotEntries).where(isEntry).run();
      else if (actor?.id === userId)
        db.update(snapshotEntries)
          .set({ actor: sql`null` })
          .where(isEntry)
          .run();
    }
    return last;
  };
}

/** Clears the user's data in the audit trail. The hashes stay, and still verify. */
function createAuditErasure(db: MonitoringDrizzle) {
  const clearSome = (
    condition: ReturnType<typeof and>,
    values: Partial<typeof auditEntries.$inferInsert>,
  ) => {
    const some = db
      .select({ sequence: auditEntries.sequence })
      .from(auditEntries)
      .where(condition)
      .limit(ROWS_PER_TRANSACTION);
    return db.update(auditEntries).set(values).where(inArray(auditEntries.sequence, some)).run().changes > 0;
  };
  return ({ userId, auditSequence }: FencedErasure): boolean => {
    const isBefore = lte(auditEntries.sequence, auditSequence);
    const hasSubject = isNotNull(auditEntries.subjectSalt);
    const noSubject = { subjectSalt: null, userId: null, subject: null, before: sql`null`, after: sql`null` };
    const isOfUser = or(
      eq(auditEntries.userId, userId),
      // An attempt of the user that names no user, or another one. What an operator does concerns other users.
      and(eq(auditEntries.actor, userId), ne(auditEntries.role, 'operator')),
    );
    return (
      clearSome(and(isBefore, hasSubject, isOfUser), noSubject as never) ||
      clearSome(and(isBefore, eq(auditEntries.actor, userId)), {
        actorSalt: null,
        actor: null,
        device: null,
        address: null,
      })
    );
  };
}
