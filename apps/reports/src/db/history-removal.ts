import { sql } from 'drizzle-orm';
import type { HistoryRemoval } from '../domain/projection.js';
import type { ReportsDrizzle } from './reports-database.js';
import {
  alarms,
  alarmTimeline,
  heardInstants,
  historyHorizon,
  intervals,
  setAsideEntries,
} from './schema.js';

/** Rows that one transaction looks at. Queries wait for it, a few milliseconds. An alarm is in many indexes. */
const SCANNED_INTERVALS = 2_000;
const SCANNED_HEARD_INSTANTS = 2_000;
const SCANNED_ALARMS = 500;

/**
 * Creates the function that removes history: the intervals that ended before an instant, the alarms of which
 * `isAlarmBeforeHorizon` is true, with their timelines, and the instants before it at which openings were heard, except the last one of each opening.
 * Also what is known of removed intervals and withdrawn readings, and entries that are set aside, up to the position of the
 * compaction: the compacted log does not have them.
 * @returns a function that removes some of it, and returns whether there may be more
 */
export function createHistoryRemoval(db: ReportsDrizzle): (removal: HistoryRemoval) => boolean {
  /** How far the removal in progress is. Removals come one after the other. */
  let scan:
    { readonly position: number; intervals: number; heard: HeardKey | undefined; alarms: number } | undefined;

  const getLastRowid = (table: typeof intervals | typeof alarms): number =>
    db.get<{ last: number | null }>(sql`select max(rowid) as last from ${table}`).last ?? 0;

  /** The last of the next rows after a key, or undefined if there is none. */
  const findScanEnd = ({ openingId, at }: HeardKey): HeardKey | undefined =>
    db.get<HeardKey | undefined>(sql`select opening_id as openingId, at from (
      select opening_id, at from ${heardInstants} where (opening_id, at) > (${openingId}, ${at})
      order by opening_id, at limit ${SCANNED_HEARD_INSTANTS}) order by opening_id desc, at desc limit 1`);

  const removeHeardInstants = (after: HeardKey, until: HeardKey, beforeMs: number, upTo: number) =>
    db.run(sql`delete from ${heardInstants} where (opening_id, at) > (${after.openingId}, ${after.at})
      and (opening_id, at) <= (${until.openingId}, ${until.at})
      and case is_heard when 0 then changed_position <= ${upTo}
        else at < ${beforeMs} and exists (select 1 from ${heardInstants} as later
          where later.opening_id = heard_instants.opening_id and later.at > heard_instants.at
          and later.at < ${beforeMs} and later.is_heard = 1) end`);

  return ({ before, upTo, position }) =>
    db.transaction(() => {
      if (scan?.position !== position) scan = { position, intervals: 0, heard: FIRST_HEARD_KEY, alarms: 0 };
      if (scan.intervals < getLastRowid(intervals)) {
        const until = scan.intervals + SCANNED_INTERVALS;
        db.run(sql`delete from ${intervals} where rowid > ${scan.intervals} and rowid <= ${until}
          and (ended_at < ${before} or (started_at is null and changed_position <= ${upTo}))`);
        scan.intervals = until;
        return true;
      }
      if (scan.heard) {
        const until = findScanEnd(scan.heard);
        if (until) removeHeardInstants(scan.heard, until, Date.parse(before), upTo);
        scan.heard = until;
        return true;
      }
      if (scan.alarms < getLastRowid(alarms)) {
        const until = scan.alarms + SCANNED_ALARMS;
        const isOver = sql`rowid > ${scan.alarms} and rowid <= ${until}
          and status <> 'ACTIVE' and coalesce(cleared_at, raised_at) < ${before}`;
        db.run(
          sql`delete from ${alarmTimeline} where alarm_id in (select id from ${alarms} where ${isOver})`,
        );
        db.run(sql`delete from ${alarms} where ${isOver}`);
        // An alarm that has returned after its end has the timeline since then: the compacted log has no more.
        db.run(sql`delete from ${alarmTimeline}
          where alarm_id in (select id from ${alarms} where rowid > ${scan.alarms} and rowid <= ${until})
          and exists (select 1 from ${alarmTimeline} as later where later.alarm_id = alarm_timeline.alarm_id
            and later.version >= alarm_timeline.version and later.position <= ${upTo} and later.ended_at < ${before})`);
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

/** Identifies a row of `heard_instants`. */
interface HeardKey {
  readonly openingId: number;
  readonly at: number;
}

/** Before the key of each row: SQLite numbers openings from 1. */
const FIRST_HEARD_KEY: HeardKey = { openingId: 0, at: 0 };
