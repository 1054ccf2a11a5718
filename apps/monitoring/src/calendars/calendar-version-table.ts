import { createHash } from 'node:crypto';
import type { CalendarDate, CalendarState } from '@seguridad-abc/contracts';
import { createCalendarDates, type CalendarDates } from '@seguridad-abc/evaluation';
import { aliasedTable, and, asc, count, desc, eq, gt, gte, lt, lte, min, or, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';

/** The dates of a calendar in `[validFrom, validUntil)`. */
export interface CalendarVersion {
  readonly validFrom: number;
  /** Null for the present version. */
  readonly validUntil: number | null;
  readonly dates: CalendarDates;
}

/** Dates of calendars that stay in memory, each some 200 bytes. */
const MAX_CACHED_DATES = 100_000;

export type CalendarVersionTable = ReturnType<typeof createCalendarVersionTable>;

/** The table of the versions of calendars. Writes belong inside a transaction. */
export function createCalendarVersionTable(db: MonitoringDrizzle) {
  const { calendarVersions } = getTables(db);
  const { calendarId, validFrom, digest, dates } = calendarVersions;
  const isOfCalendar = eq(calendarId, sql.placeholder('calendarId'));
  const lastAt = prepare(
    db,
    db
      .select({ validFrom })
      .from(calendarVersions)
      .where(and(isOfCalendar, lte(validFrom, sql.placeholder('at'))))
      .orderBy(desc(validFrom))
      .limit(createPreparedLimit(1)),
  );
  const next = aliasedTable(calendarVersions, 'next');
  const validUntil = db
    .select({ at: min(next.validFrom) })
    .from(next)
    .where(and(eq(next.calendarId, calendarId), gt(next.validFrom, validFrom)));
  const between = prepare(
    db,
    db
      .select({ validFrom, validUntil: sql<number | null>`(${validUntil})`.mapWith(validFrom), digest })
      .from(calendarVersions)
      .where(
        and(
          isOfCalendar,
          gte(validFrom, sql.placeholder('first')),
          or(eq(validFrom, sql.placeholder('first')), lt(validFrom, sql.placeholder('until'))),
        ),
      )
      .orderBy(asc(validFrom)),
  );
  const datesOf = prepare(
    db,
    db
      .select({ dates })
      .from(calendarVersions)
      .where(and(isOfCalendar, eq(validFrom, sql.placeholder('validFrom')))),
  );
  const since = prepare(
    db,
    db
      .select({ count: count() })
      .from(calendarVersions)
      .where(and(isOfCalendar, gt(validFrom, sql.placeholder('from')))),
  );

  /** By digest: a row that a rollback has removed may be written again with other dates. */
  const cache = new LRUCache<string, CalendarDates>({
    maxSize: MAX_CACHED_DATES,
    sizeCalculation: (cached) => cached.size + 1,
  });
  const loadDates = async (calendar: string, from: number, key: string): Promise<CalendarDates> => {
    const cached = cache.get(key);
    if (cached) return cached;
    const stored = await datesOf.get({ calendarId: calendar, validFrom: from });
    if (!stored) throw new Error(`The calendar ${calendar} has no version from ${from}.`);
    const loaded = createCalendarDates(stored.dates);
    cache.set(key, loaded);
    return loaded;
  };
  const findLastValidFrom = async (calendar: string, at: number): Promise<number | undefined> =>
    (await lastAt.get({ calendarId: calendar, at }))?.validFrom;

  return {
    /**
     * The version that holds at `from`, and those that begin later in `[from, until)`, in order. The first one begins after `from`
     * if earlier ones are removed.
     */
    async find(calendar: string, from: number, until: number): Promise<CalendarVersion[]> {
      const first = (await findLastValidFrom(calendar, from)) ?? from;
      const found: CalendarVersion[] = [];
      for (const row of await between.all({ calendarId: calendar, first, until }))
        found.push({
          validFrom: row.validFrom,
          validUntil: row.validUntil,
          dates: await loadDates(calendar, row.validFrom, row.digest),
        });
      return found;
    },

    /** When the present version of a calendar began; undefined if the calendar is not stored. */
    getLastValidFrom: (calendar: string): Promise<number | undefined> =>
      findLastValidFrom(calendar, Number.MAX_SAFE_INTEGER),

    /** The present dates of a calendar; undefined if the calendar is not stored. */
    findPresentDates: async (calendar: string): Promise<CalendarDates | undefined> => {
      const from = await findLastValidFrom(calendar, Number.MAX_SAFE_INTEGER);
      if (from === undefined) return undefined;
      const [row] = await between.all({ calendarId: calendar, first: from, until: from });
      return row && loadDates(calendar, row.validFrom, row.digest);
    },

    /** The number of versions that began after an instant. */
    countSince: async (calendar: string, from: number): Promise<number> =>
      (await since.get({ calendarId: calendar, from }))?.count ?? 0,

    /** Stores the dates of a calendar from its last change on. A second change at the same instant replaces the first. */
    async add({ id, dates: present, updatedAt }: CalendarState): Promise<void> {
      const row = { dates: present, digest: createDigest(present) };
      await db
        .insert(calendarVersions)
        .values({ calendarId: id, validFrom: Date.parse(updatedAt), ...row })
        .onConflictDoUpdate({ target: [calendarId, validFrom], set: row });
    },
  };
}

const createDigest = (dates: readonly CalendarDate[]): string =>
  createHash('sha256').update(JSON.stringify(dates)).digest('base64url');
