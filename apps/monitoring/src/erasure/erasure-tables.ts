import { randomBytes } from 'node:crypto';
import type { Actor, AlarmState, MonitoringEvent } from '@seguridad-abc/contracts';
import {
  alarmStateSchema,
  findEventOwner,
  formatInstant,
  pickFields,
  SECOND_EVENT_VERSION,
} from '@seguridad-abc/contracts';
import { createUserPseudonym } from '@seguridad-abc/platform';
import { and, asc, count, eq, gt, inArray, isNotNull, isNull, lte, max, min, ne, or, sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent, FlushAppends } from '../db/log-appends.js';
import { runSql } from '../db/prepared-statement.js';
import { getTables, type MonitoringTables } from '../db/schema.js';
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

export type ErasureRecord = MonitoringTables['erasures']['$inferSelect'];
/** An erasure that is not complete. */
export type PendingErasure = ErasureRecord & { readonly userId: string };
/** An erasure after its event `UserErased`. */
export type FencedErasure = PendingErasure & { readonly position: number; readonly auditSequence: number };

/**
 * The steps of an erasure. Each call belongs inside a transaction, does a limited amount of work, and returns whether there may be
 * more.
 */
export const createErasureTables = (db: MonitoringDrizzle, { appendEvent, flushAppends }: LogAppender) => ({
  ...createErasureRecords(db),
  countUserData: createUserDataCount(db),
  endRulesAndAlarms: createRuleAndAlarmEnding(db, appendEvent),
  deleteCalendarsAndExceptions: createCalendarAndExceptionDeletion(db),
  ...createStateDeletion(db, { appendEvent, flushAppends }),
  eraseEvents: createEventErasure(db),
  eraseSnapshotEntries: createSnapshotErasure(db),
  eraseAuditEntries: createAuditErasure(db),
});

export type ErasureTables = ReturnType<typeof createErasureTables>;

/** Appends events to the log in a transaction. */
export interface LogAppender {
  readonly appendEvent: AppendEvent;
  readonly flushAppends: FlushAppends;
}

const toPending = (record: ErasureRecord | undefined): PendingErasure | undefined =>
  record && record.userId !== null ? { ...record, userId: record.userId } : undefined;

/** The records of erasures. Reads may be outside a transaction. */
export function createErasureRecords(db: MonitoringDrizzle) {
  const { erasures } = getTables(db);
  return {
    async create(userId: string, now: string): Promise<PendingErasure> {
      const salt = randomBytes(SALT_BYTES).toString('base64url');
      const [created] = await db
        .insert(erasures)
        .values({ userId, salt, pseudonym: createUserPseudonym(salt, userId), requestedAt: now })
        .returning();
      if (!created) throw new Error('The database returned no row.');
      return { ...created, userId };
    },
    /** The erasure of a user that is not complete. */
    findOf: async (userId: string): Promise<PendingErasure | undefined> =>
      toPending((await db.select().from(erasures).where(eq(erasures.userId, userId)).limit(1))[0]),
    /** The erasure with a pseudonym, unless it is complete. */
    findByPseudonym: async (pseudonym: string): Promise<PendingErasure | undefined> =>
      toPending((await db.select().from(erasures).where(eq(erasures.pseudonym, pseudonym)).limit(1))[0]),
    /** The oldest erasure that is not complete. */
    async findPending(): Promise<PendingErasure | undefined> {
      const [oldest] = await db
        .select()
        .from(erasures)
        .where(isNull(erasures.completedAt))
        .orderBy(asc(erasures.id))
        .limit(1);
      return toPending(oldest);
    },
    async complete({ id }: ErasureRecord, now: string): Promise<void> {
      await db.update(erasures).set({ userId: null, completedAt: now }).where(eq(erasures.id, id));
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
  const { rules, calendars, openingExceptions, openings, devices, auditEntries } = getTables(db);
  type OwnedTable =
    typeof rules | typeof calendars | typeof openingExceptions | typeof openings | typeof devices;
  const countRows = async (table: OwnedTable, userId: string): Promise<number> => {
    const [row] = await db.select({ count: count() }).from(table).where(eq(table.userId, userId));
    return row?.count ?? 0;
  };
  /** @returns undefined if nothing is stored, also no entry of the audit trail */
  return async (userId: string): Promise<StoredUserData | undefined> => {
    const stored = {
      rules: await countRows(rules, userId),
      calendars: await countRows(calendars, userId),
      exceptions: await countRows(openingExceptions, userId),
      openings: await countRows(openings, userId),
      devices: await countRows(devices, userId),
    };
    if (Object.values(stored).some((rows) => rows > 0)) return stored;
    const [entry] = await db
      .select({ sequence: auditEntries.sequence })
      .from(auditEntries)
      .where(or(eq(auditEntries.userId, userId), eq(auditEntries.actor, userId)))
      .limit(1);
    return entry && stored;
  };
}

/** Ends the user's rules, and the alarms that are active or in the queue, with the usual events, so that subscribers learn of it. */
function createRuleAndAlarmEnding(db: MonitoringDrizzle, appendEvent: AppendEvent) {
  const { rules, ruleVersions, reevaluationJobs, openings, alarms } = getTables(db);
  const append = (event: MonitoringEvent, now: string, actor: Actor | null) => appendEvent(event, now, actor);
  const endRules = async (userId: string, now: string): Promise<number> => {
    const found = await db.select().from(rules).where(eq(rules.userId, userId)).limit(ENDED_PER_TRANSACTION);
    for (const rule of found) {
      if (rule.deletedAt === null) {
        const deletedAt = getLaterInstant(now, rule.updatedAt);
        const ended = { ...rule, deletedAt, updatedAt: deletedAt, version: rule.version + 1 };
        append({ type: 'RuleDeleted', version: SECOND_EVENT_VERSION, data: { rule: ended } }, now, null);
      }
      await db.delete(reevaluationJobs).where(eq(reevaluationJobs.ruleId, rule.id));
      await db.delete(ruleVersions).where(eq(ruleVersions.ruleId, rule.id));
    }
    if (found.length > 0) {
      const ids = found.map(({ id }) => id);
      await db.delete(rules).where(inArray(rules.id, ids));
    }
    return found.length;
  };
  const endAlarms = async (userId: string, now: string): Promise<number> => {
    const ofUser = db.select({ id: openings.id }).from(openings).where(eq(openings.userId, userId));
    // `isAlarmQueued` is true for those that are not active.
    const isQueued = and(
      eq(alarms.needsResolution, true),
      isNull(alarms.resolution),
      ne(alarms.status, 'RETRACTED'),
    );
    const found = await db
      .select()
      .from(alarms)
      .where(and(inArray(alarms.openingId, ofUser), or(eq(alarms.status, 'ACTIVE'), isQueued)))
      .limit(ENDED_PER_TRANSACTION);
    for (const record of found) {
      const alarm: AlarmState = {
        ...pickFields(alarmStateSchema, record),
        status: 'RETRACTED',
        reason: ERASURE_REASON,
        updatedAt: getLaterInstant(now, record.updatedAt),
        version: record.version + 1,
      };
      append({ type: 'AlarmRetracted', version: 1, data: { alarm } }, now, null);
      await db.delete(alarms).where(eq(alarms.id, record.id));
    }
    return found.length;
  };
  return async ({ userId }: PendingErasure, now: string): Promise<boolean> =>
    (await endRules(userId, now)) > 0 || (await endAlarms(userId, now)) > 0;
}

/** Deletes some of the user's calendars and exceptions. No rule names a calendar any more. */
function createCalendarAndExceptionDeletion(db: MonitoringDrizzle) {
  const { calendars, calendarVersions, openingExceptions } = getTables(db);
  return async ({ userId }: PendingErasure): Promise<boolean> => {
    const limit = sql`limit ${CALENDARS_PER_TRANSACTION}`;
    const ofUser = sql`select id from ${calendars} where user_id = ${userId}`;
    const statements = [
      sql`delete from ${calendarVersions} where (calendar_id, valid_from) in
        (select calendar_id, valid_from from ${calendarVersions} where calendar_id in (${ofUser}) ${limit})`,
      sql`delete from ${calendars} where id in (${ofUser} ${limit})`,
      sql`delete from ${openingExceptions} where id in
        (select id from ${openingExceptions} where user_id = ${userId} limit ${ROWS_PER_TRANSACTION})`,
    ];
    for (const statement of statements) if ((await runSql(db, statement)) > 0) return true;
    return false;
  };
}

/** Where the search of idempotency keys continues. */
export interface KeyPlace {
  readonly caller: string;
  readonly key: string;
}

/** Clocks of several machines differ by less, in milliseconds. */
const MAX_CLOCK_DIFFERENCE_MS = 5_000;

function createStateDeletion(db: MonitoringDrizzle, { appendEvent, flushAppends }: LogAppender) {
  const { alarms, auditEntries, devices, erasedOpenings, erasures, events, idempotencyKeyRows } =
    getTables(db);
  const { intervals, openings, pendingAlarms, readings, reevaluationJobs, ruleVersions } = getTables(db);
  const { unevaluatedEpisodes } = getTables(db);
  const dialect = getDialect(db);

  /** Deletes some of the rows of an opening. @returns their number */
  const deleteOfOpening = async (openingId: number): Promise<number> => {
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
    let deleted = 0;
    for (const statement of statements) deleted += await runSql(db, statement);
    return deleted;
  };

  return {
    /**
     * Detaches the user's openings, and appends `UserErased`. What the user sends afterwards belongs to a new user with new
     * openings. Another instance may have done it meanwhile.
     */
    async fence(erasure: PendingErasure, now: string): Promise<FencedErasure> {
      const { id, userId, pseudonym, salt } = erasure;
      const [stored] = await db.select().from(erasures).where(eq(erasures.id, id));
      const { position: fencePosition = null, auditSequence: fenceSequence = null } = stored ?? {};
      if (fencePosition !== null && fenceSequence !== null)
        return { ...erasure, position: fencePosition, auditSequence: fenceSequence };
      const ofUser = db.select({ id: openings.id }).from(openings).where(eq(openings.userId, userId));
      await db.delete(pendingAlarms).where(inArray(pendingAlarms.openingId, ofUser));
      for (const opening of await ofUser)
        await db
          .insert(erasedOpenings)
          .values({ openingId: opening.id, erasureId: id })
          .onConflictDoNothing();
      await db.delete(openings).where(eq(openings.userId, userId));
      await db.delete(devices).where(eq(devices.userId, userId));
      appendEvent({ type: 'UserErased', version: 1, data: { pseudonym, salt } }, now, null);
      await flushAppends();
      const [lastEvent] = await db.select({ position: max(events.position) }).from(events);
      const [lastEntry] = await db.select({ sequence: max(auditEntries.sequence) }).from(auditEntries);
      const position = lastEvent?.position ?? 0;
      const auditSequence = lastEntry?.sequence ?? 0;
      await db.update(erasures).set({ position, auditSequence }).where(eq(erasures.id, id));
      return { ...erasure, position, auditSequence };
    },

    /** Deletes readings, intervals and alarms of the detached openings. */
    async deleteOpeningData({ id }: FencedErasure): Promise<boolean> {
      const [opening] = await db
        .select()
        .from(erasedOpenings)
        .where(eq(erasedOpenings.erasureId, id))
        .limit(1);
      if (!opening) return false;
      const deleted = await deleteOfOpening(opening.openingId);
      if (deleted === 0)
        await db.delete(erasedOpenings).where(eq(erasedOpenings.openingId, opening.openingId));
      return true;
    },

    /**
     * Deletes the idempotency keys of the user, and those of operators whose result is the user's.
     * @param after the key after which the scan continues
     * @returns the key at which it ends; undefined at the end of the table
     */
    async deleteIdempotencyKeys(
      { userId, position }: FencedErasure,
      after: KeyPlace,
    ): Promise<KeyPlace | undefined> {
      const { caller, key, answer, at } = idempotencyKeyRows;
      const [fence] = await db.select({ at: events.at }).from(events).where(eq(events.position, position));
      if (!fence) throw new Error(`The log has no entry at the position ${position}.`);
      // A command from before the fence may have got its instant from a clock that was ahead.
      const until = formatInstant(Date.parse(fence.at) + MAX_CLOCK_DIFFERENCE_MS);
      const isAfter = sql`(${caller}, ${key}) > (${after.caller}, ${after.key})`;
      const some = await db
        .select({ caller, key })
        .from(idempotencyKeyRows)
        .where(isAfter)
        .orderBy(asc(caller), asc(key))
        .limit(SCANNED_PER_TRANSACTION);
      const last = some.at(-1);
      if (!last) return undefined;
      const isUpToLast = sql`(${caller}, ${key}) <= (${last.caller}, ${last.key})`;
      const callers = ['customer', 'operator', 'device'].map((role) => `${role}:${userId}`);
      const isOfUser = or(inArray(caller, callers), eq(dialect.jsonField(answer, 'userId'), userId));
      await db.delete(idempotencyKeyRows).where(and(isAfter, isUpToLast, lte(at, until), isOfUser));
      return last;
    },
  };
}

/** Replaces the user's events up to the fence. Positions stay, so that the log has no gaps. */
function createEventErasure(db: MonitoringDrizzle) {
  const { erasures, events } = getTables(db);
  const dialect = getDialect(db);
  return async ({ id, userId, position: fence }: FencedErasure): Promise<boolean> => {
    const [erasure] = await db.select().from(erasures).where(eq(erasures.id, id));
    const erasedPosition = erasure?.erasedPosition ?? fence;
    if (erasedPosition >= fence) return false;
    // A compacted log has no entries at its first positions.
    const [first] = await db
      .select({ position: min(events.position) })
      .from(events)
      .where(gt(events.position, erasedPosition));
    const until = Math.min((first?.position ?? fence) - 1 + SCANNED_PER_TRANSACTION, fence);
    // The text of the id selects few events, which are then parsed.
    const text = sql`${JSON.stringify(userId)}`;
    const found = await db
      .select({ position: events.position, data: events.data, actor: events.actor })
      .from(events)
      .where(
        and(
          gt(events.position, erasedPosition),
          lte(events.position, until),
          or(dialect.contains(events.data, text), dialect.contains(events.actor, text)),
        ),
      );
    for (const { position, data, actor } of found) {
      if (findEventOwner(data) === userId)
        await db
          .update(events)
          .set({ type: 'EventErased', version: 1, data: {}, actor: sql`null` })
          .where(eq(events.position, position));
      else if (actor?.id === userId)
        await db
          .update(events)
          .set({ actor: sql`null` })
          .where(eq(events.position, position));
    }
    await db.update(erasures).set({ erasedPosition: until }).where(eq(erasures.id, id));
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
  const { snapshotEntries } = getTables(db);
  const dialect = getDialect(db);
  return async (
    { userId, position: fence }: FencedErasure,
    after: SnapshotPlace,
  ): Promise<SnapshotPlace | undefined> => {
    const isAfter = sql`(${snapshotEntries.snapshot}, ${snapshotEntries.position}) > (${after.snapshot}, ${after.position})`;
    const order = [asc(snapshotEntries.snapshot), asc(snapshotEntries.position)];
    const place = { snapshot: snapshotEntries.snapshot, position: snapshotEntries.position };
    const some = await db
      .select(place)
      .from(snapshotEntries)
      .where(isAfter)
      .orderBy(...order)
      .limit(SCANNED_PER_TRANSACTION);
    const last = some.at(-1);
    if (!last) return undefined;
    const text = sql`${JSON.stringify(userId)}`;
    const found = await db
      .select({ ...place, data: snapshotEntries.data, actor: snapshotEntries.actor })
      .from(snapshotEntries)
      .where(
        and(
          isAfter,
          sql`(${snapshotEntries.snapshot}, ${snapshotEntries.position}) <= (${last.snapshot}, ${last.position})`,
          lte(snapshotEntries.position, fence),
          or(dialect.contains(snapshotEntries.data, text), dialect.contains(snapshotEntries.actor, text)),
        ),
      );
    for (const { snapshot, position, data, actor } of found) {
      const isEntry = and(eq(snapshotEntries.snapshot, snapshot), eq(snapshotEntries.position, position));
      if (findEventOwner(data) === userId) await db.delete(snapshotEntries).where(isEntry);
      else if (actor?.id === userId)
        await db
          .update(snapshotEntries)
          .set({ actor: sql`null` })
          .where(isEntry);
    }
    return last;
  };
}

/** Clears the user's data in the audit trail. The hashes stay, and still verify. */
function createAuditErasure(db: MonitoringDrizzle) {
  const { auditEntries } = getTables(db);
  const clearSome = async (
    condition: ReturnType<typeof and>,
    values: Partial<typeof auditEntries.$inferInsert>,
  ): Promise<boolean> => {
    const some = db
      .select({ sequence: auditEntries.sequence })
      .from(auditEntries)
      .where(condition)
      .limit(ROWS_PER_TRANSACTION);
    const cleared = await db
      .update(auditEntries)
      .set(values)
      .where(inArray(auditEntries.sequence, some))
      .returning({ sequence: auditEntries.sequence });
    return cleared.length > 0;
  };
  return async ({ userId, auditSequence }: FencedErasure): Promise<boolean> => {
    const isBefore = lte(auditEntries.sequence, auditSequence);
    const hasSubject = isNotNull(auditEntries.subjectSalt);
    const noSubject = { subjectSalt: null, userId: null, subject: null, before: sql`null`, after: sql`null` };
    const isOfUser = or(
      eq(auditEntries.userId, userId),
      // An attempt of the user that names no user, or another one. What an operator does concerns other users.
      and(eq(auditEntries.actor, userId), ne(auditEntries.role, 'operator')),
    );
    return (
      (await clearSome(and(isBefore, hasSubject, isOfUser), noSubject as never)) ||
      (await clearSome(and(isBefore, eq(auditEntries.actor, userId)), {
        actorSalt: null,
        actor: null,
        device: null,
        address: null,
      }))
    );
  };
}
