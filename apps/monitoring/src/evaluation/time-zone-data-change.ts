import { and, eq, gt, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { openings, pendingAlarms, ruleVersions, timeZoneDataVersion } from '../db/schema.js';

/**
 * Schedules a new evaluation of every open opening if the time zone data changed since the last start. Pending alarms were
 * computed with the old data; raised alarms stay as they are.
 * @param version of the zone data of this process
 */
export function scheduleReevaluationIfZoneDataChanged(db: MonitoringDrizzle, version: string): void {
  db.transaction((tx) => {
    if (tx.select().from(timeZoneDataVersion).get()?.version === version) return;
    tx.insert(pendingAlarms)
      .select(
        tx
          .selectDistinct({
            openingId: ruleVersions.openingId,
            ruleId: ruleVersions.ruleId,
            due: sql<number>`0`.as('due'),
          })
          .from(openings)
          .innerJoin(
            ruleVersions,
            and(eq(ruleVersions.openingId, openings.id), gt(ruleVersions.validUntil, openings.since)),
          )
          .where(eq(openings.state, 'OPEN')),
      )
      .onConflictDoUpdate({ target: [pendingAlarms.openingId, pendingAlarms.ruleId], set: { due: 0 } })
      .run();
    tx.delete(timeZoneDataVersion).run();
    tx.insert(timeZoneDataVersion).values({ version }).run();
  });
}
