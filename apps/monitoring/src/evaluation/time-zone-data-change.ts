import { and, eq, gt, isNotNull, like, or, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { openings, pendingAlarms, ruleVersions, timeZoneDataVersion } from '../db/schema.js';
import { NO_END } from '../rules/rule-repository.js';

/** Whether a rule version may raise an alarm while the opening is closed. */
const watchesMoreThanOpen = or(
  isNotNull(ruleVersions.silentAfterSeconds),
  isNotNull(ruleVersions.calendarId),
  like(ruleVersions.windows, '%"openBy":"%'),
  eq(ruleVersions.onTamper, true),
  eq(ruleVersions.onBatteryLow, true),
);

/**
 * Schedules a new evaluation of every opening that may have a pending alarm, if the time zone data changed
 * since the last start. Pending alarms were computed with the old data; raised alarms stay as they are.
 * @param version of the zone data of this process
 * @param evaluatedUntil the past up to this instant is not evaluated again, in milliseconds since 1970
 */
export function scheduleReevaluationIfZoneDataChanged(
  db: MonitoringDrizzle,
  version: string,
  evaluatedUntil: number,
): void {
  db.transaction((tx) => {
    if (tx.select().from(timeZoneDataVersion).get()?.version === version) return;
    tx.update(pendingAlarms).set({ due: 0 }).where(gt(pendingAlarms.due, 0)).run();
    tx.insert(pendingAlarms)
      .select(
        tx
          .selectDistinct({
            openingId: ruleVersions.openingId,
            ruleId: ruleVersions.ruleId,
            due: sql<number>`0`.as('due'),
            evaluatedUntil: sql<number>`${evaluatedUntil}`.as('evaluated_until'),
            needsOpen: sql<boolean>`0`.as('needs_open'),
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
      .onConflictDoUpdate({ target: [pendingAlarms.openingId, pendingAlarms.ruleId], set: { due: 0 } })
      .run();
    tx.delete(timeZoneDataVersion).run();
    tx.insert(timeZoneDataVersion).values({ version }).run();
  });
}
