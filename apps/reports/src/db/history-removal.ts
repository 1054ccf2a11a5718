import { sql } from 'drizzle-orm';
import type { HistoryRemoval } from '../domain/projection.js';
import type { ReportsDrizzle } from './reports-database.js';
import { alarms, historyHorizon, intervals, setAsideEntries } from './schema.js';

/** Rows that one transaction looks at. Queries wait for it, a few milliseconds. An alarm is in many indexes. */
const SCANNED_INTERVALS = 2_000;
const SCANNED_ALARMS = 500;

/**
 * Creates the function that removes history: the intervals that ended before an instant, and the alarms of which
 * `isAlarmBeforeHorizon` is true. Also what is known of removed intervals, and entries that are set aside, up to the position of
 * the compaction: the compacted log does not have them.
 * @returns a function that removes some of it, and returns whether there may be more
 */
export function createHistoryRemoval(db: ReportsDrizzle): (removal: HistoryRemoval) => boolean {
  /** How far the removal in progress is. Removals come one after the other. */
  let scan: { readonly position: number; intervals: number; alarms: number } | undefined;

  const getLastRowid = (table: typeof intervals | typeof alarms): number =>
    db.get<{ last: number | null }>(sql`select max(rowid) as last from ${table}`).last ?? 0;

  return ({ before, upTo, position }) =>
    db.transaction(() => {
      if (scan?.position !== position) scan = { position, intervals: 0, alarms: 0 };
      if (scan.intervals < getLastRowid(intervals)) {
        const until = scan.intervals + SCANNED_INTERVALS;
        db.run(sql`delete from ${intervals} where rowid > ${scan.intervals} and rowid <= ${until}
          and (ended_at < ${before} or (started_at is null and changed_position <= ${upTo}))`);
        scan.intervals = until;
        return true;
      }
      if (scan.alarms < getLastRowid(alarms)) {
        const until = scan.alarms + SCANNED_ALARMS;
        db.run(sql`delete from ${alarms} where rowid > ${scan.alarms} and rowid <= ${until}
          and status <> 'ACTIVE' and coalesce(cleared_at, raised_at) < ${before}`);
        scan.alarms = until;
        return true;
      }
      db.run(sql`delete from ${setAsideEntries} where position <= ${upTo}`);
      const horizon = { before, position: upTo };
      db.insert(historyHorizon)
        .values({ id: 1, ...horizon })
        .onConflictDoUpdate({ target: historyHorizon.id, set: horizon })
        .run();
      scan = undefined;
      return false;
    });
}
