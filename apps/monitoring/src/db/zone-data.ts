import { and, eq, gt, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { openings, ruleVersions, timers, zoneData } from './schema.js';

/**
 * What is pending was computed with the zone data of its time. Where these are others now, every rule of an opening that is
 * open judges anew, at once; what was raised stands.
 * @param version of the zone data of this process
 */
export function adoptZoneData(db: Db, version: string): void {
  db.transaction((tx) => {
    if (tx.select().from(zoneData).get()?.version === version) return;
    tx.insert(timers)
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
      .onConflictDoUpdate({ target: [timers.openingId, timers.ruleId], set: { due: 0 } })
      .run();
    tx.delete(zoneData).run();
    tx.insert(zoneData).values({ version }).run();
  });
}
