import { and, eq, gt, isNotNull, or, sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { GroupCommit } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { getTables } from '../db/schema.js';
import { lockStart } from '../db/start-lock.js';
import { NO_END } from '../rules/rule-repository.js';

/**
 * Schedules a new evaluation of every opening that may have a pending alarm, if the time zone data changed
 * since the last start. Pending alarms were computed with the old data; raised alarms stay as they are.
 * @param version of the zone data of this process
 * @param evaluatedUntil the past up to this instant is not evaluated again, in milliseconds since 1970
 */
export async function scheduleReevaluationIfZoneDataChanged(
  db: MonitoringDrizzle,
  transact: GroupCommit,
  version: string,
  evaluatedUntil: number,
): Promise<void> {
  const { openings, pendingAlarms, ruleVersions, timeZoneDataVersion } = getTables(db);
  /** Whether a rule version may raise an alarm while the opening is closed. */
  const watchesMoreThanOpen = or(
    isNotNull(ruleVersions.silentAfterSeconds),
    isNotNull(ruleVersions.calendarId),
    getDialect(db).contains(ruleVersions.windows, '"openBy":"'),
    eq(ruleVersions.onTamper, true),
    eq(ruleVersions.onBatteryLow, true),
  );
  await transact(async () => {
    await lockStart(db);
    const [stored] = await db.select().from(timeZoneDataVersion);
    if (stored?.version === version) return;
    await db.update(pendingAlarms).set({ due: 0 }).where(gt(pendingAlarms.due, 0));
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
            or(
              and(eq(openings.state, 'OPEN'), gt(ruleVersions.validUntil, openings.since)),
              and(eq(ruleVersions.validUntil, NO_END), watchesMoreThanOpen),
            ),
          ),
      )
      .onConflictDoUpdate({ target: [pendingAlarms.openingId, pendingAlarms.ruleId], set: { due: 0 } });
    await db.delete(timeZoneDataVersion);
    await db.insert(timeZoneDataVersion).values({ version });
  });
}
