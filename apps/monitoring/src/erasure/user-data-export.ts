import {
  alarmStateSchema,
  formatInstant,
  openingExceptionStateSchema,
  pickFields,
  type AlarmEvent,
} from '@seguridad-abc/contracts';
import { and, asc, eq, gt, lte, max, min, sql } from 'drizzle-orm';
import type { AuditTrail } from '../audit/audit-trail.js';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { fromReadingCode, WITHDRAWN_CODE } from '../db/reading-codes.js';
import { getTables } from '../db/schema.js';

/** Rows that one statement reads. */
const PAGE_SIZE = 500;

/** One line of the export. The kind names the fields of the rest. */
export interface ExportedUserRecord {
  readonly kind:
    | 'rule'
    | 'calendar'
    | 'exception'
    | 'device'
    | 'opening'
    | 'reading'
    | 'interval'
    | 'alarm'
    | 'alarmComment'
    | 'auditEntry';
  readonly [field: string]: unknown;
}

/**
 * Reads everything that is stored of a user: rules and calendars, also deleted ones, exceptions, openings with readings and intervals,
 * alarms with comments, and the entries of the audit trail of which the user is the caller or the user concerned. Memory holds one page.
 */
export async function* exportUserData(
  db: MonitoringDrizzle,
  auditTrail: Pick<AuditTrail, 'readPage'>,
  userId: string,
): AsyncGenerator<ExportedUserRecord> {
  const { rules, calendars, openingExceptions, devices, openings } = getTables(db);
  for (const rule of await db.select().from(rules).where(eq(rules.userId, userId)))
    yield { kind: 'rule', ...rule };
  const calendarIds = db.select({ id: calendars.id }).from(calendars).where(eq(calendars.userId, userId));
  for (const { id } of await calendarIds)
    for (const calendar of await db.select().from(calendars).where(eq(calendars.id, id)))
      yield { kind: 'calendar', ...calendar };
  for (const row of await db.select().from(openingExceptions).where(eq(openingExceptions.userId, userId)))
    yield { kind: 'exception', ...pickFields(openingExceptionStateSchema, row) };
  for (const device of await db.select().from(devices).where(eq(devices.userId, userId)))
    yield { kind: 'device', ...device };
  const ofUser = db.select().from(openings).where(eq(openings.userId, userId));
  for (const { id, name, state, since, tampered, batteryLow } of await ofUser) {
    const present = { state, since: since === null ? null : formatInstant(since), tampered, batteryLow };
    yield { kind: 'opening', name, ...present };
    yield* exportReadings(db, id, name);
    yield* exportIntervals(db, id, name);
    yield* exportAlarms(db, id);
  }
  yield* exportAlarmComments(db, userId);
  const seen = new Set<number>();
  for (const filter of [{ user: userId }, { actor: userId }]) {
    let after: number | undefined;
    do {
      const page = await auditTrail.readPage({ ...filter, order: 'ascending', after, limit: PAGE_SIZE });
      for (const entry of page.entries) {
        if (!seen.has(entry.sequence)) yield { kind: 'auditEntry', ...entry };
        if ('user' in filter) seen.add(entry.sequence);
      }
      after = page.hasMore ? page.entries.at(-1)?.sequence : undefined;
    } while (after !== undefined);
  }
}

async function* exportReadings(db: MonitoringDrizzle, openingId: number, opening: string) {
  const { readings } = getTables(db);
  let last: { code: number; at: number; id: string } | undefined;
  do {
    const page = await db
      .select()
      .from(readings)
      .where(
        and(
          eq(readings.openingId, openingId),
          last && sql`(code, at, id) > (${last.code}, ${last.at}, ${last.id})`,
        ),
      )
      .orderBy(asc(readings.code), asc(readings.at), asc(readings.id))
      .limit(PAGE_SIZE);
    for (const { id, code, at, tampered, batteryLow } of page) {
      const state = fromReadingCode(code);
      const isWithdrawn = code >= WITHDRAWN_CODE;
      const reported = { state, tampered, batteryLow, at: formatInstant(at), isWithdrawn };
      yield { kind: 'reading', opening, id, ...reported } as const;
    }
    last = page.length === PAGE_SIZE ? page.at(-1) : undefined;
    await nextTurn();
  } while (last);
}

async function* exportIntervals(db: MonitoringDrizzle, openingId: number, opening: string) {
  const { intervals } = getTables(db);
  let last: { signal: string; startedAt: number } | undefined;
  do {
    const page = await db
      .select()
      .from(intervals)
      .where(
        and(
          eq(intervals.openingId, openingId),
          last && sql`(${intervals.signal}, ${intervals.startedAt}) > (${last.signal}, ${last.startedAt})`,
        ),
      )
      .orderBy(asc(intervals.signal), asc(intervals.startedAt))
      .limit(PAGE_SIZE);
    for (const { signal, startId, startedAt, endedAt } of page) {
      const ended = endedAt === null ? null : formatInstant(endedAt);
      yield {
        kind: 'interval',
        opening,
        signal,
        startId,
        startedAt: formatInstant(startedAt),
        endedAt: ended,
      } as const;
    }
    last = page.length === PAGE_SIZE ? page.at(-1) : undefined;
    await nextTurn();
  } while (last);
}

async function* exportAlarms(db: MonitoringDrizzle, openingId: number) {
  const { alarms } = getTables(db);
  let last: { kind: string; startedAt: number; id: string } | undefined;
  do {
    const page = await db
      .select()
      .from(alarms)
      .where(
        and(
          eq(alarms.openingId, openingId),
          last &&
            sql`(${alarms.kind}, ${alarms.startedAt}, ${alarms.id}) > (${last.kind}, ${last.startedAt}, ${last.id})`,
        ),
      )
      .orderBy(asc(alarms.kind), asc(alarms.startedAt), asc(alarms.id))
      .limit(PAGE_SIZE);
    for (const record of page) {
      const { kind: alarmKind, ...alarm } = pickFields(alarmStateSchema, record);
      yield { kind: 'alarm', alarmKind, ...alarm } as const;
    }
    last = page.length === PAGE_SIZE ? page.at(-1) : undefined;
    await nextTurn();
  } while (last);
}

/** Positions of the event log that one statement searches. */
const SEARCHED_POSITIONS = 5_000;

/**
 * Only the event log has comments: the snapshot with which a compacted log begins, and the later entries. If a compaction replaces
 * them meanwhile, they are read again.
 */
async function* exportAlarmComments(db: MonitoringDrizzle, userId: string) {
  const { logHorizon } = getTables(db);
  const readHorizon = async () => (await db.select().from(logHorizon))[0]?.position ?? 0;
  const seen = new Set<number>();
  for (let horizon = await readHorizon(), before = -1; horizon !== before;) {
    yield* exportCommentsInLog(db, userId, horizon, seen);
    before = horizon;
    horizon = await readHorizon();
  }
}

/** @param seen the positions of comments that are exported already */
async function* exportCommentsInLog(
  db: MonitoringDrizzle,
  userId: string,
  horizon: number,
  seen: Set<number>,
) {
  const { events, snapshotEntries } = getTables(db);
  const userText = sql`${JSON.stringify(userId)}`;
  for (const { table, isUsed } of [
    { table: snapshotEntries, isUsed: eq(snapshotEntries.snapshot, horizon) },
    { table: events, isUsed: undefined },
  ]) {
    const [range] = await db
      .select({ first: min(table.position), last: max(table.position) })
      .from(table)
      .where(isUsed);
    const last = range?.last ?? 0;
    for (let after = (range?.first ?? 1) - 1; after < last; after += SEARCHED_POSITIONS) {
      const found = await db
        .select({ position: table.position, at: table.at, data: table.data })
        .from(table)
        .where(
          and(
            isUsed,
            gt(table.position, after),
            lte(table.position, after + SEARCHED_POSITIONS),
            eq(table.type, 'AlarmCommented'),
            getDialect(db).contains(table.data, userText),
          ),
        )
        .orderBy(asc(table.position));
      for (const { position, at, data } of found) {
        const { alarm, comment } = data as Extract<AlarmEvent, { type: 'AlarmCommented' }>['data'];
        if (alarm.userId !== userId || seen.has(position)) continue;
        seen.add(position);
        yield { kind: 'alarmComment', alarmId: alarm.id, at, ...comment } as const;
      }
      await nextTurn();
    }
  }
}

/** Lets commands have their turn. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
