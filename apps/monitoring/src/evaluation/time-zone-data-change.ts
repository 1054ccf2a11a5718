import { and, asc, desc, eq, gt, inArray, isNotNull, or, sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { getTables } from '../db/schema.js';
import { NO_END } from '../rules/rule-repository.js';

/** Some openings that may have pending alarms which were computed with other time zone data. */
export interface OpeningsWithOldZoneData {
  readonly openings: readonly { readonly openingId: number; readonly userId: string }[];
  /** The past up to this instant is not evaluated again, in milliseconds since 1970. */
  readonly evaluatedUntil: number;
}

/**
 * Schedules a new evaluation of every opening that may have a pending alarm, after the time zone data has changed. Pending alarms were
 * computed with the old data; raised alarms stay as they are. It takes some openings at a time, and continues after a restart.
 */
export interface TimeZoneDataChange {
  /** Finds the next openings, in what is committed; undefined without any. */
  findOpenings(): Promise<OpeningsWithOldZoneData | undefined>;
  /** Lets the scheduler evaluate openings of one user. To be called inside a transaction that has locked the user. */
  schedule(openingIds: readonly number[], evaluatedUntil: number): Promise<void>;
  /** Notes that the next openings are scheduled. To be called inside a transaction. */
  advance(scheduled: OpeningsWithOldZoneData): Promise<void>;
}

export interface TimeZoneDataChangeOptions {
  /** The write connection. */
  readonly db: MonitoringDrizzle;
  /** Reads what is committed. */
  readonly reader: MonitoringDrizzle;
  /** The version of this process's data. */
  readonly version: string;
  /** The server's instant. */
  readonly now: () => string;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
}

/** A transaction for each of their users; each is a savepoint, of which PostgreSQL caches 64 in a transaction. */
const OPENINGS_PER_STEP = 50;

export function createTimeZoneDataChange(options: TimeZoneDataChangeOptions): TimeZoneDataChange {
  const { db, reader, version, now, latenessAllowanceMs } = options;
  const { openings, pendingAlarms, ruleVersions, timeZoneDataVersion } = getTables(db);
  const hasOtherInstances = getDialect(db).name === 'postgresql';
  /** Whether a rule version may raise an alarm while the opening is closed. */
  const watchesMoreThanOpen = or(
    isNotNull(ruleVersions.silentAfterSeconds),
    isNotNull(ruleVersions.calendarId),
    getDialect(db).contains(ruleVersions.windows, '"openBy":"'),
    eq(ruleVersions.onTamper, true),
    eq(ruleVersions.onBatteryLow, true),
  );
  let isDone = false;

  /** @returns the openings after which to continue; undefined: nothing is left */
  const findPlace = async () => {
    // Two instances with different data may have noted the version of a new database.
    const [stored] = await reader
      .select()
      .from(timeZoneDataVersion)
      .orderBy(desc(timeZoneDataVersion.version))
      .limit(createPreparedLimit(1));
    if (stored?.version === version) {
      const { lastOpeningId, evaluatedUntil } = stored;
      return lastOpeningId === null || evaluatedUntil === null
        ? undefined
        : { lastOpeningId, evaluatedUntil };
    }
    // While instances are replaced one by one, those with older data leave the newer version as it is.
    if (stored && hasOtherInstances && stored.version > version) return undefined;
    return { lastOpeningId: 0, evaluatedUntil: Date.parse(now()) - latenessAllowanceMs };
  };

  return {
    async findOpenings() {
      if (isDone) return undefined;
      const place = await findPlace();
      if (place) {
        const { lastOpeningId, evaluatedUntil } = place;
        const found = await reader
          .select({ openingId: openings.id, userId: openings.userId })
          .from(openings)
          .where(gt(openings.id, lastOpeningId))
          .orderBy(asc(openings.id))
          .limit(createPreparedLimit(OPENINGS_PER_STEP));
        return { openings: found, evaluatedUntil };
      }
      isDone = true;
      return undefined;
    },

    async schedule(openingIds, evaluatedUntil) {
      const ids = [...openingIds];
      await db
        .update(pendingAlarms)
        .set({ due: 0 })
        .where(and(inArray(pendingAlarms.openingId, ids), gt(pendingAlarms.due, 0)));
      await db
        .insert(pendingAlarms)
        .select(
          db
            .selectDistinct({
              openingId: ruleVersions.openingId,
              ruleId: ruleVersions.ruleId,
              due: sql<number>`0`.as('due'),
              evaluatedUntil: sql<number>`cast(${evaluatedUntil} as bigint)`.as('evaluated_until'),
              needsOpen: sql<boolean>`false`.as('needs_open'),
            })
            .from(openings)
            .innerJoin(ruleVersions, eq(ruleVersions.openingId, openings.id))
            .where(
              and(
                inArray(openings.id, ids),
                or(
                  and(eq(openings.state, 'OPEN'), gt(ruleVersions.validUntil, openings.since)),
                  and(eq(ruleVersions.validUntil, NO_END), watchesMoreThanOpen),
                ),
              ),
            ),
        )
        .onConflictDoUpdate({ target: [pendingAlarms.openingId, pendingAlarms.ruleId], set: { due: 0 } });
    },

    async advance({ openings: scheduled, evaluatedUntil }) {
      const last = scheduled.at(-1);
      await db.delete(timeZoneDataVersion);
      await db.insert(timeZoneDataVersion).values({
        version,
        lastOpeningId: last?.openingId ?? null,
        evaluatedUntil: last ? evaluatedUntil : null,
      });
    },
  };
}

/** Notes the version of the time zone data in a database without openings. To be called inside a transaction. */
export async function noteZoneDataOfNewDatabase(db: MonitoringDrizzle, version: string): Promise<void> {
  const { openings, timeZoneDataVersion } = getTables(db);
  const [stored] = await db.select().from(timeZoneDataVersion).limit(createPreparedLimit(1));
  const [opening] = await db.select({ id: openings.id }).from(openings).limit(createPreparedLimit(1));
  if (!stored && !opening) await db.insert(timeZoneDataVersion).values({ version }).onConflictDoNothing();
}
