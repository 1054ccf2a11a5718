import { createUnreadableEntry, SIGNALS, type LogEntry } from '@seguridad-abc/contracts';
import { and, asc, count, eq, gt, gte, max, min, ne, sql, type SQL } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import {
  alarms,
  calendarVersions,
  erasures,
  events,
  intervals,
  logHorizon,
  openings,
  readings,
  snapshotEntries,
  unevaluatedEpisodes,
} from '../db/schema.js';
import { PRESENT_CODES, STATE_CODES, WITHDRAWN_CODES } from '../db/reading-codes.js';

/** An entry as the database holds it: a damaged one too. */
export interface StoredEntry {
  readonly position: number;
  readonly type: string;
  readonly version: number;
  readonly at: string;
  /** JSON. */
  readonly actor: string | null;
  /** JSON. */
  readonly data: string;
  readonly mark: string | null;
}

/** How many rows of each kind a compaction removes. */
export interface RemovedRows {
  readings: number;
  intervals: number;
  alarms: number;
}

/** Rows that one statement deletes. */
const ROWS_PER_STATEMENT = 100;
/** Each has some 100 kB. */
const CALENDAR_VERSIONS_PER_STATEMENT = 20;
/** Openings whose rows one transaction removes at most. */
const OPENINGS_PER_TRANSACTION = 50;

const ENTRY_COLUMNS = 'position, type, version, at, actor, data, mark';

/** The statements of a compaction. Each call is synchronous and does a limited amount of work. */
export function createCompactionTables(db: MonitoringDrizzle) {
  const { $client } = db;
  const eventsAfter = $client.prepare<[after: number, upTo: number, limit: number], StoredEntry>(
    `select ${ENTRY_COLUMNS} from events where position > ? and position <= ? order by position limit ?`,
  );
  const snapshotAfter = $client.prepare<[snapshot: number, after: number, limit: number], StoredEntry>(
    `select ${ENTRY_COLUMNS} from log_snapshot where snapshot = ? and position > ? order by position limit ?`,
  );
  const eventsAt = $client.prepare<[positions: string], StoredEntry>(
    `select ${ENTRY_COLUMNS} from events where position in (select value from json_each(?)) order by position`,
  );
  const snapshotAt = $client.prepare<[snapshot: number, positions: string], StoredEntry>(
    `select ${ENTRY_COLUMNS} from log_snapshot where snapshot = ? and position in (select value from json_each(?))
     order by position`,
  );
  const insertSnapshotEntry = $client.prepare<[snapshot: number, ...values: (string | number | null)[]]>(
    `insert or replace into log_snapshot (snapshot, ${ENTRY_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const entryFrom = db
    .select({ position: events.position, at: events.at })
    .from(events)
    .where(gte(events.position, sql.placeholder('position')))
    .orderBy(asc(events.position))
    .limit(1)
    .prepare();
  const getHead = (): number =>
    db
      .select({ last: max(events.position) })
      .from(events)
      .get()?.last ??
    db.select().from(logHorizon).get()?.position ??
    0;
  const getFirst = (): number | undefined =>
    db
      .select({ first: min(events.position) })
      .from(events)
      .get()?.first ?? undefined;

  const removalOf = createRowRemoval(db);

  return {
    getHorizon: () => db.select().from(logHorizon).get(),
    getHead,
    getFirst,
    countSnapshotEntries: (snapshot: number): number =>
      db.select({ count: count() }).from(snapshotEntries).where(eq(snapshotEntries.snapshot, snapshot)).get()
        ?.count ?? 0,
    hasPendingErasure: (): boolean =>
      db
        .select({ id: erasures.id })
        .from(erasures)
        .where(sql`${erasures.completedAt} is null`)
        .limit(1)
        .get() !== undefined,

    /**
     * Finds the last entry from before an instant. A clock that was set back makes the result approximate.
     * @param from a position whose entry is from before the instant, or 0
     */
    findLastBefore(instant: string, from: number): number {
      let low = from;
      let high = getHead() + 1;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        const found = entryFrom.get({ position: middle });
        if (found && found.position < high && found.at < instant) low = found.position;
        else high = middle;
      }
      return low;
    },

    readEvents: (after: number, upTo: number, limit: number): StoredEntry[] =>
      eventsAfter.all(after, upTo, limit),
    readSnapshot: (snapshot: number, after: number, limit: number): StoredEntry[] =>
      snapshotAfter.all(snapshot, after, limit),
    /** Reads entries at some positions, of the snapshot up to its position and of the log after it. */
    readAt(positions: readonly number[], snapshot: number): StoredEntry[] {
      const ofSnapshot = positions.filter((position) => position <= snapshot);
      const ofLog = positions.filter((position) => position > snapshot);
      return [
        ...(ofSnapshot.length > 0 ? snapshotAt.all(snapshot, JSON.stringify(ofSnapshot)) : []),
        ...(ofLog.length > 0 ? eventsAt.all(JSON.stringify(ofLog)) : []),
      ];
    },
    addToSnapshot(snapshot: number, { position, type, version, at, actor, data, mark }: StoredEntry): void {
      insertSnapshotEntry.run(snapshot, position, type, version, at, actor, data, mark);
    },
    setHorizon(horizon: Pick<typeof logHorizon.$inferInsert, 'before' | 'position' | 'compactedAt'>): void {
      const stored = db.select().from(logHorizon).get();
      const entry =
        stored?.position === horizon.position
          ? stored
          : db.select({ mark: events.mark }).from(events).where(eq(events.position, horizon.position)).get();
      const row = { ...horizon, mark: entry?.mark ?? null };
      db.insert(logHorizon)
        .values({ id: 1, ...row })
        .onConflictDoUpdate({ target: logHorizon.id, set: row })
        .run();
    },

    /** Deletes some of the entries that the snapshot replaces, and of snapshots that are not in use. @returns their number */
    deleteSomeEntries(horizon: number): { readonly entries: number; readonly snapshotEntries: number } {
      const first = getFirst();
      if (first !== undefined && first <= horizon) {
        const until = Math.min(first + ROWS_PER_STATEMENT, horizon + 1);
        const { changes } = db
          .delete(events)
          .where(sql`${events.position} < ${until}`)
          .run();
        return { entries: changes, snapshotEntries: 0 };
      }
      const { changes } = db.run(sql`delete from ${snapshotEntries} where rowid in
        (select rowid from ${snapshotEntries} where ${ne(snapshotEntries.snapshot, horizon)} limit ${ROWS_PER_STATEMENT})`);
      return { entries: 0, snapshotEntries: changes };
    },

    /**
     * Removes rows that are older than the horizon, of some openings.
     * @param after the opening after which to continue
     * @param isTimeOver whether to end early
     * @returns the last opening that is done; undefined if there is none left
     */
    removeSomeRows(
      after: number,
      before: string,
      removed: RemovedRows,
      isTimeOver: () => boolean,
    ): number | undefined {
      const some = db
        .select({ id: openings.id })
        .from(openings)
        .where(gt(openings.id, after))
        .orderBy(asc(openings.id))
        .limit(OPENINGS_PER_TRANSACTION)
        .all();
      let done = after;
      for (const { id } of some) {
        for (const { kind, condition, remove } of removalOf(id, before))
          for (;;) {
            if (isTimeOver()) return done;
            const changes = remove(condition);
            removed[kind] += changes;
            if (changes < ROWS_PER_STATEMENT) break;
          }
        done = id;
      }
      return some.length === 0 ? undefined : done;
    },
    /**
     * Removes some of the versions of calendars that others have replaced before the horizon, as the snapshot does. Rules that name
     * the calendar have no version then. @returns their number
     */
    removeSomeCalendarVersions: (before: string): number =>
      db.run(sql`delete from ${calendarVersions} where (calendar_id, valid_from) in
        (select calendar_id, valid_from from ${calendarVersions} as former where exists
          (select 1 from ${calendarVersions} as later where later.calendar_id = former.calendar_id
            and later.valid_from > former.valid_from and later.valid_from < ${Date.parse(before)})
        limit ${CALENDAR_VERSIONS_PER_STATEMENT})`).changes,
    /** Counts what {@link removeSomeRows} would remove of some openings. */
    countSomeRows(after: number, before: string, counted: RemovedRows): number | undefined {
      const some = db
        .select({ id: openings.id })
        .from(openings)
        .where(gt(openings.id, after))
        .orderBy(asc(openings.id))
        .limit(OPENINGS_PER_TRANSACTION)
        .all();
      for (const { id } of some)
        for (const { kind, condition, count } of removalOf(id, before)) counted[kind] += count(condition);
      return some.at(-1)?.id;
    },
  };
}

export type CompactionTables = ReturnType<typeof createCompactionTables>;

interface RowRemoval {
  readonly kind: keyof RemovedRows;
  readonly condition: SQL;
  readonly remove: (condition: SQL) => number;
  readonly count: (condition: SQL) => number;
}

/** Creates a function that describes which rows of an opening are older than a horizon. */
function createRowRemoval(db: MonitoringDrizzle): (openingId: number, before: string) => RowRemoval[] {
  const countRows = (table: SQL) => (condition: SQL) =>
    db.get<{ count: number }>(sql`select count(*) as count from ${table} where ${condition}`).count;
  const deleteRows = (table: SQL, key: SQL) => (condition: SQL) =>
    db.run(sql`delete from ${table} where (${key}) in
      (select ${key} from ${table} where ${condition} limit ${ROWS_PER_STATEMENT})`).changes;
  const remove = {
    intervals: deleteRows(sql`${intervals}`, sql`opening_id, signal, started_at`),
    readings: deleteRows(sql`${readings}`, sql`opening_id, code, at, id`),
    alarms: deleteRows(sql`${alarms}`, sql`id`),
  };
  const counters = {
    intervals: countRows(sql`${intervals}`),
    readings: countRows(sql`${readings}`),
    alarms: countRows(sql`${alarms}`),
  };

  return (openingId, before) => {
    const beforeMs = Date.parse(before);
    const ofOpening = sql`opening_id = ${openingId}`;
    const lastStart = db
      .select({ at: max(intervals.startedAt) })
      .from(intervals)
      .where(and(eq(intervals.openingId, openingId), eq(intervals.signal, 'OPEN')))
      .get()?.at;
    // The silence that contains the horizon begins with the last reading before it. One seek for each code.
    const lastHeard = PRESENT_CODES.map(
      (code) => sql`(select max(at) from ${readings}
        where ${ofOpening} and code = ${code} and at < ${beforeMs} and effective)`,
    );
    const lastHeardAt = db.get<{ at: number | null }>(
      sql`select max(at) as at from (select ${sql.join(lastHeard, sql` as at union all select `)})`,
    ).at;
    const isOld = (code: number) =>
      sql`${ofOpening} and code = ${code} and at < ${lastHeardAt ?? beforeMs} and effective`;
    // The state of an opening without intervals is that of its first reading.
    const isFirstClosed = sql`at = (select min(at) from ${readings} where ${ofOpening} and code = ${STATE_CODES.CLOSED} and effective)`;
    const isOldClosed =
      lastStart === null || lastStart === undefined
        ? sql`${isOld(STATE_CODES.CLOSED)} and not ${isFirstClosed}`
        : isOld(STATE_CODES.CLOSED);
    const otherCodes = [...PRESENT_CODES, ...WITHDRAWN_CODES].filter((code) => code !== STATE_CODES.CLOSED);
    const conditions: readonly (readonly [keyof RemovedRows, SQL])[] = [
      ...otherCodes.map((code) => ['readings', isOld(code)] as const),
      ['readings', isOldClosed],
      // The value of a signal follows from its last interval.
      ...SIGNALS.map(
        (signal) =>
          [
            'intervals',
            sql`${ofOpening} and signal = ${signal} and started_at < ${beforeMs} and ended_at < ${beforeMs}
              and started_at < (select max(last.started_at) from ${intervals} as last
                where last.opening_id = ${openingId} and last.signal = ${signal})
              and started_at not in (select started_at from ${unevaluatedEpisodes} where ${ofOpening})`,
          ] as const,
      ),
      [
        'alarms',
        sql`opening_id = ${openingId} and status <> 'ACTIVE' and coalesce(cleared_at, raised_at) < ${before}`,
      ],
    ];
    return conditions.map(([kind, condition]) => ({
      kind,
      condition,
      remove: remove[kind],
      count: counters[kind],
    }));
  };
}

/** Parses a stored entry for the selection of a snapshot. A damaged one becomes unreadable. */
export function toSelectableEntry(stored: StoredEntry): LogEntry {
  // The log id of a stored entry is that of the log.
  const logId = '-';
  try {
    const { position, type, version, at, data } = stored;
    return { logId, position, type, version, at, actor: null, data: JSON.parse(data) as unknown };
  } catch {
    return createUnreadableEntry({ logId, position: stored.position }, 'its data is not JSON');
  }
}
