import {
  alarmStateSchema,
  formatInstant,
  openingExceptionStateSchema,
  pickFields,
} from '@seguridad-abc/contracts';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import {
  alarms,
  calendars,
  devices,
  intervals,
  openingExceptions,
  openings,
  readings,
  rules,
} from '../db/schema.js';

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
    | 'auditEntry';
  readonly [field: string]: unknown;
}

/**
 * Reads everything that is stored of a user: rules and calendars, also deleted ones, exceptions, openings with readings and intervals, alarms, and the
 * entries of the audit trail of which the user is the caller or the user concerned. Memory holds one page.
 */
export async function* exportUserData(
  db: MonitoringDrizzle,
  auditTrail: Pick<AuditTrail, 'readPage'>,
  userId: string,
): AsyncGenerator<ExportedUserRecord> {
  for (const rule of db.select().from(rules).where(eq(rules.userId, userId)).all())
    yield { kind: 'rule', ...rule };
  for (const { id } of db
    .select({ id: calendars.id })
    .from(calendars)
    .where(eq(calendars.userId, userId))
    .all())
    yield { kind: 'calendar', ...db.select().from(calendars).where(eq(calendars.id, id)).get() };
  for (const row of db.select().from(openingExceptions).where(eq(openingExceptions.userId, userId)).all())
    yield { kind: 'exception', ...pickFields(openingExceptionStateSchema, row) };
  for (const device of db.select().from(devices).where(eq(devices.userId, userId)).all())
    yield { kind: 'device', ...device };
  for (const { id, name, state, since } of db
    .select()
    .from(openings)
    .where(eq(openings.userId, userId))
    .all()) {
    yield { kind: 'opening', name, state, since: since === null ? null : formatInstant(since) };
    yield* exportReadings(db, id, name);
    yield* exportIntervals(db, id, name);
    yield* exportAlarms(db, id);
  }
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
  let last: { open: boolean; at: number; id: string } | undefined;
  do {
    const page = db
      .select()
      .from(readings)
      .where(
        and(
          eq(readings.openingId, openingId),
          last && sql`(open, at, id) > (${last.open ? 1 : 0}, ${last.at}, ${last.id})`,
        ),
      )
      .orderBy(asc(readings.open), asc(readings.at), asc(readings.id))
      .limit(PAGE_SIZE)
      .all();
    for (const { id, open, at } of page)
      yield { kind: 'reading', opening, id, state: open ? 'OPEN' : 'CLOSED', at: formatInstant(at) } as const;
    last = page.length === PAGE_SIZE ? page.at(-1) : undefined;
    await nextTurn();
  } while (last);
}

async function* exportIntervals(db: MonitoringDrizzle, openingId: number, opening: string) {
  let after: number | undefined;
  do {
    const page = db
      .select()
      .from(intervals)
      .where(
        and(
          eq(intervals.openingId, openingId),
          after === undefined ? undefined : gt(intervals.startedAt, after),
        ),
      )
      .orderBy(asc(intervals.startedAt))
      .limit(PAGE_SIZE)
      .all();
    for (const { startId, startedAt, endedAt } of page) {
      const ended = endedAt === null ? null : formatInstant(endedAt);
      yield {
        kind: 'interval',
        opening,
        startId,
        startedAt: formatInstant(startedAt),
        endedAt: ended,
      } as const;
    }
    after = page.length === PAGE_SIZE ? page.at(-1)?.startedAt : undefined;
    await nextTurn();
  } while (after !== undefined);
}

async function* exportAlarms(db: MonitoringDrizzle, openingId: number) {
  let last: { startId: string; id: string } | undefined;
  do {
    const page = db
      .select()
      .from(alarms)
      .where(
        and(
          eq(alarms.openingId, openingId),
          last && sql`(${alarms.startId}, ${alarms.id}) > (${last.startId}, ${last.id})`,
        ),
      )
      .orderBy(asc(alarms.startId), asc(alarms.id))
      .limit(PAGE_SIZE)
      .all();
    for (const record of page) {
      const { kind: alarmKind, ...alarm } = pickFields(alarmStateSchema, record);
      yield { kind: 'alarm', alarmKind, ...alarm } as const;
    }
    last = page.length === PAGE_SIZE ? page.at(-1) : undefined;
    await nextTurn();
  } while (last);
}

/** Lets commands have their turn. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
