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
/** Entries of timelines that one transaction reads, unless one alarm has more, and that it deletes at most. */
const SCANNED_TIMELINE_ENTRIES = 2_000;

/**
 * Creates the function that removes history: the intervals that ended before an instant, the alarms of which
 * `isAlarmBeforeHorizon` is true, also those in the queue, with their timelines, and the instants before it at which openings were
 * heard, except the last one of each opening.
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

  const selectNextAlarms = db.$client.prepare<[after: number], { place: number; entries: number }>(
    `select alarms.rowid as place, (select count(*) from alarm_timeline where alarm_id = alarms.id) as entries
     from alarms where alarms.rowid > ? order by alarms.rowid limit ${SCANNED_ALARMS}`,
  );

  /** The last of the next alarms after a row whose timelines one transaction can read; one alarm at least. */
  const findLastScannedAlarm = (after: number): number => {
    let last = after;
    let entries = 0;
    // SQLite counts the entries of an alarm when its row is taken.
    for (const alarm of selectNextAlarms.iterate(after)) {
      entries += alarm.entries;
      if (last > after && entries > SCANNED_TIMELINE_ENTRIES) break;
      last = alarm.place;
    }
    return last;
  };

  /** Removes some of the alarms of a range of rows, and of their timelines. @returns whether there may be more */
  const removeSomeAlarms = (after: number, until: number, before: string, upTo: number): boolean => {
    const isScanned = sql`rowid > ${after} and rowid <= ${until}`;
    const isOver = sql`status <> 'ACTIVE' and coalesce(cleared_at, raised_at) < ${before}`;
    // An alarm that has returned after its end has the timeline since then: the compacted log has no more. The entry of its end
    // is deleted last, so that this can continue after a crash.
    const { changes } = db.run(sql`with removed as materialized (
        select id as alarm_id, case when ${isOver} then ${Number.MAX_SAFE_INTEGER} else (
          select entry.version from ${alarmTimeline} as entry where entry.alarm_id = alarms.id
          and entry.position <= ${upTo} and entry.ended_at < ${before} order by entry.version desc limit 1) end as up_to
        from ${alarms} where ${isScanned})
      delete from ${alarmTimeline} where id in (
        select entry.id from removed cross join ${alarmTimeline} as entry
        where entry.alarm_id = removed.alarm_id and entry.version <= removed.up_to
        order by entry.alarm_id, entry.version limit ${SCANNED_TIMELINE_ENTRIES})`);
    if (changes === SCANNED_TIMELINE_ENTRIES) return true;
    db.run(sql`delete from ${alarms} where ${isScanned} and ${isOver}`);
    return false;
  };

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
        const until = findLastScannedAlarm(scan.alarms);
        if (!removeSomeAlarms(scan.alarms, until, before, upTo)) scan.alarms = until;
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
