import { createHash } from 'node:crypto';
import type { CalendarDate, CalendarState } from '@seguridad-abc/contracts';
import { createCalendarDates, type CalendarDates } from '@seguridad-abc/evaluation';
import { aliasedTable, and, asc, count, desc, eq, gt, gte, lt, lte, min, or, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { calendarVersions } from '../db/schema.js';

/** The dates of a calendar in `[validFrom, validUntil)`. */
export interface CalendarVersion {
  readonly validFrom: number;
  /** Null for the present version. */
  readonly validUntil: number | null;
  /** Parses the dates when they are read first. */
  readonly getDates: () => CalendarDates;
}

/** Dates of calendars that stay in memory, each some 200 bytes. */
const MAX_CACHED_DATES = 100_000;

export type CalendarVersionTable = ReturnType<typeof createCalendarVersionTable>;

/** The table of the versions of calendars. Every call is synchronous; writes belong inside a transaction. */
export function createCalendarVersionTable(db: MonitoringDrizzle) {
  const { calendarId, validFrom, digest, dates } = calendarVersions;
  const isOfCalendar = eq(calendarId, sql.placeholder('calendarId'));
  const lastAt = db
    .select({ validFrom })
    .from(calendarVersions)
    .where(and(isOfCalendar, lte(validFrom, sql.placeholder('at'))))
    .orderBy(desc(validFrom))
    .limit(createPreparedLimit(1))
    .prepare();
  const next = aliasedTable(calendarVersions, 'next');
  const validUntil = db
    .select({ at: min(next.validFrom) })
    .from(next)
    .where(and(eq(next.calendarId, calendarId), gt(next.validFrom, validFrom)));
  const between = db
    .select({ validFrom, validUntil: sql<number | null>`(${validUntil})`, digest })
    .from(calendarVersions)
    .where(
      and(
        isOfCalendar,
        gte(validFrom, sql.placeholder('first')),
        or(eq(validFrom, sql.placeholder('first')), lt(validFrom, sql.placeholder('until'))),
      ),
    )
    .orderBy(asc(validFrom))
    .prepare();
  const datesOf = db
    .select({ dates })
    .from(calendarVersions)
    .where(and(isOfCalendar, eq(validFrom, sql.placeholder('validFrom'))))
    .prepare();
  const since = db
    .select({ count: count() })
    .from(calendarVersions)
    .where(and(isOfCalendar, gt(validFrom, sql.placeholder('from'))))
    .prepare();

  /** By digest: a row that a rollback has removed may be written again with other dates. */
  const cache = new LRUCache<string, CalendarDates>({
    maxSize: MAX_CACHED_DATES,
    sizeCalculation: (cached) => cached.size + 1,
  });
  const loadDates = (calendar: string, from: number, key: string): CalendarDates => {
    const cached = cache.get(key);
    if (cached) return cached;
    const stored = datesOf.get({ calendarId: calendar, validFrom: from });
    if (!stored) throw new Error(`The calendar ${calendar} has no version from ${from}.`);
    const loaded = createCalendarDates(stored.dates);
    cache.set(key, loaded);
    return loaded;
  };

  return {
    /**
     * The version that holds at `from`, and those that begin later in `[from, until)`, in order. The first one begins after `from`
     * if earlier ones are removed.
     */
    find: (calendar: string, from: number, until: number): CalendarVersion[] => {
      const first = lastAt.get({ calendarId: calendar, at: from })?.validFrom ?? from;
      return between.all({ calendarId: calendar, first, until }).map((row) => ({
        validFrom: row.validFrom,
        validUntil: row.validUntil,
        getDates: () => loadDates(calendar, row.validFrom, row.digest),
      }));
    },

    /** When the present version of a calendar began; undefined if the calendar is not stored. */
    getLastValidFrom: (calendar: string): number | undefined =>
      lastAt.get({ calendarId: calendar, at: Number.MAX_SAFE_INTEGER })?.validFrom,

    /** The present dates of a calendar; undefined if the calendar is not stored. */
    findPresentDates: (calendar: string): CalendarDates | undefined => {
      const from = lastAt.get({ calendarId: calendar, at: Number.MAX_SAFE_INTEGER })?.validFrom;
      if (from === undefined) return undefined;
      return between
        .all({ calendarId: calendar, first: from, until: from })
        .map((row) => loadDates(calendar, row.validFrom, row.digest))
        .at(-1);
    },

    /** The number of versions that began after an instant. */
    countSince: (calendar: string, from: number): number =>
      since.get({ calendarId: calendar, from })?.count ?? 0,

    /** Stores the dates of a calendar from its last change on. A second change at the same instant replaces the first. */
    add({ id, dates: present, updatedAt }: CalendarState): void {
      const row = { dates: present, digest: createDigest(present) };
      db.insert(calendarVersions)
        .values({ calendarId: id, validFrom: Date.parse(updatedAt), ...row })
        .onConflictDoUpdate({ target: [calendarId, validFrom], set: row })
        .run();
    },
  };
}

const createDigest = (dates: readonly CalendarDate[]): string =>
  createHash('sha256').update(JSON.stringify(dates)).digest('base64url');
