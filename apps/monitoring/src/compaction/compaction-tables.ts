import { createUnreadableEntry, SIGNALS, type LogEntry } from '@seguridad-abc/contracts';
import { and, asc, count, eq, gt, gte, isNull, lt, lte, max, min, ne, sql, type SQL } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit, createUpsertValues, prepareInsert } from '../db/prepared-columns.js';
import { prepare, queryRows, runSql } from '../db/prepared-statement.js';
import { PRESENT_CODES, STATE_CODES, WITHDRAWN_CODES } from '../db/reading-codes.js';
import { getTables, type MonitoringTables } from '../db/schema.js';

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
  readonly readings: number;
  readonly intervals: number;
  readonly alarms: number;
}

type RowCounts = { -readonly [Kind in keyof RemovedRows]: number };

export const NO_ROWS: RemovedRows = { readings: 0, intervals: 0, alarms: 0 };

/** Adds rows to a sum. */
export function addRows(sum: RowCounts, { readings, intervals, alarms }: RemovedRows): void {
  sum.readings += readings;
  sum.intervals += intervals;
  sum.alarms += alarms;
}

/** The rows of some openings. */
export interface SomeRows {
  readonly rows: RemovedRows;
  /** The last opening that is done; undefined if there is none left. */
  readonly last: number | undefined;
}

/** The rows that a slice of a compaction has removed. */
export interface RemovedSomeRows extends SomeRows {
  /** Another instance works on the data of this user, whose opening is next. */
  readonly busyUser: string | undefined;
}

/** Rows that one statement deletes. */
const ROWS_PER_STATEMENT = 100;
/** Each has some 100 kB. */
const CALENDAR_VERSIONS_PER_STATEMENT = 20;
/** Openings whose rows one transaction removes at most. */
const OPENINGS_PER_TRANSACTION = 50;

/** The columns of an entry. JSON stays text, so that a damaged entry can be read too. */
const selectEntry = (table: MonitoringTables['events'] | MonitoringTables['snapshotEntries']) => ({
  position: table.position,
  type: table.type,
  version: table.version,
  at: table.at,
  actor: sql<string | null>`${table.actor}`,
  data: sql<string>`${table.data}`,
  mark: table.mark,
});

/** The statements of a compaction. Each call does a limited amount of work. Writes belong inside a transaction. */
export function createCompactionTables(db: MonitoringDrizzle) {
  const { calendarVersions, erasures, events, logHorizon, openings, snapshotEntries } = getTables(db);
  const dialect = getDialect(db);
  const limit = createPreparedLimit(sql.placeholder('limit'));
  const isAfter = (table: typeof events | typeof snapshotEntries) =>
    gt(table.position, sql.placeholder('after'));
  const isOfSnapshot = eq(snapshotEntries.snapshot, sql.placeholder('snapshot'));
  const positions = sql`${sql.placeholder('positions')}`;
  const eventsAfter = prepare(
    db,
    db
      .select(selectEntry(events))
      .from(events)
      .where(and(isAfter(events), lte(events.position, sql.placeholder('upTo'))))
      .orderBy(asc(events.position))
      .limit(limit),
  );
  const snapshotAfter = prepare(
    db,
    db
      .select(selectEntry(snapshotEntries))
      .from(snapshotEntries)
      .where(and(isOfSnapshot, isAfter(snapshotEntries)))
      .orderBy(asc(snapshotEntries.position))
      .limit(limit),
  );
  const eventsAt = prepare(
    db,
    db
      .select(selectEntry(events))
      .from(events)
      .where(dialect.isInJson(events.position, positions))
      .orderBy(asc(events.position)),
  );
  const snapshotAt = prepare(
    db,
    db
      .select(selectEntry(snapshotEntries))
      .from(snapshotEntries)
      .where(and(isOfSnapshot, dialect.isInJson(snapshotEntries.position, positions)))
      .orderBy(asc(snapshotEntries.position)),
  );
  const { snapshot, position } = snapshotEntries;
  const insertSnapshotEntry = prepareInsert(
    db,
    db
      .insert(snapshotEntries)
      .values({
        snapshot: sql`${sql.placeholder('snapshot')}`,
        position: sql`${sql.placeholder('position')}`,
        type: sql`${sql.placeholder('type')}`,
        version: sql`${sql.placeholder('version')}`,
        at: sql`${sql.placeholder('at')}`,
        actor: sql`${sql.placeholder('actor')}`,
        data: sql`${sql.placeholder('data')}`,
        mark: sql`${sql.placeholder('mark')}`,
      })
      .onConflictDoUpdate({ target: [snapshot, position], set: createUpsertValues(snapshotEntries) }),
  );
  const entryFrom = prepare(
    db,
    db
      .select({ position: events.position, at: events.at })
      .from(events)
      .where(gte(events.position, sql.placeholder('position')))
      .orderBy(asc(events.position))
      .limit(createPreparedLimit(1)),
  );
  const getHorizon = async () => (await db.select().from(logHorizon).limit(1))[0];
  const getHead = async (): Promise<number> => {
    const [last] = await db.select({ position: max(events.position) }).from(events);
    return last?.position ?? (await getHorizon())?.position ?? 0;
  };
  const getFirst = async (): Promise<number | undefined> => {
    const [first] = await db.select({ position: min(events.position) }).from(events);
    return first?.position ?? undefined;
  };
  const listOpenings = (after: number) =>
    db
      .select({ id: openings.id, userId: openings.userId })
      .from(openings)
      .where(gt(openings.id, after))
      .orderBy(asc(openings.id))
      .limit(OPENINGS_PER_TRANSACTION);

  const removalOf = createRowRemoval(db);

  return {
    getHorizon,
    getHead,
    getFirst,
    async countSnapshotEntries(of: number): Promise<number> {
      const [row] = await db.select({ count: count() }).from(snapshotEntries).where(eq(snapshot, of));
      return row?.count ?? 0;
    },
    async hasPendingErasure(): Promise<boolean> {
      const pending = await db
        .select({ id: erasures.id })
        .from(erasures)
        .where(isNull(erasures.completedAt))
        .limit(1);
      return pending.length > 0;
    },

    /**
     * Finds the last entry from before an instant. A clock that was set back makes the result approximate.
     * @param from a position whose entry is from before the instant, or 0
     */
    async findLastBefore(instant: string, from: number): Promise<number> {
      let low = from;
      let high = (await getHead()) + 1;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        const found = await entryFrom.get({ position: middle });
        if (found && found.position < high && found.at < instant) low = found.position;
        else high = middle;
      }
      return low;
    },

    readEvents: (after: number, upTo: number, limit: number): Promise<StoredEntry[]> =>
      eventsAfter.all({ after, upTo, limit }),
    readSnapshot: (of: number, after: number, limit: number): Promise<StoredEntry[]> =>
      snapshotAfter.all({ snapshot: of, after, limit }),
    /** Reads entries at some positions, of the snapshot up to its position and of the log after it. */
    async readAt(at: readonly number[], of: number): Promise<StoredEntry[]> {
      const ofSnapshot = at.filter((position) => position <= of);
      const ofLog = at.filter((position) => position > of);
      return [
        ...(ofSnapshot.length > 0
          ? await snapshotAt.all({ snapshot: of, positions: JSON.stringify(ofSnapshot) })
          : []),
        ...(ofLog.length > 0 ? await eventsAt.all({ positions: JSON.stringify(ofLog) }) : []),
      ];
    },
    addToSnapshot: (to: number, entry: StoredEntry): Promise<void> =>
      insertSnapshotEntry({ snapshot: to, ...entry }),
    async setHorizon(
      horizon: Pick<typeof logHorizon.$inferInsert, 'before' | 'position' | 'compactedAt'>,
    ): Promise<void> {
      const stored = await getHorizon();
      const [entry] =
        stored?.position === horizon.position
          ? [stored]
          : await db.select({ mark: events.mark }).from(events).where(eq(events.position, horizon.position));
      const row = { ...horizon, mark: entry?.mark ?? null };
      await db
        .insert(logHorizon)
        .values({ id: 1, ...row })
        .onConflictDoUpdate({ target: logHorizon.id, set: row });
    },

    /** Deletes some of the entries that the snapshot replaces, and of snapshots that are not in use. @returns their number */
    async deleteSomeEntries(
      horizon: number,
    ): Promise<{ readonly entries: number; readonly snapshotEntries: number }> {
      const first = await getFirst();
      if (first !== undefined && first <= horizon) {
        const until = Math.min(first + ROWS_PER_STATEMENT, horizon + 1);
        const entries = await runSql(db, sql`delete from ${events} where ${lt(events.position, until)}`);
        return { entries, snapshotEntries: 0 };
      }
      const deleted = await runSql(
        db,
        sql`delete from ${snapshotEntries} where (snapshot, position) in (select snapshot, position
          from ${snapshotEntries} where ${ne(snapshot, horizon)} limit ${ROWS_PER_STATEMENT})`,
      );
      return { entries: 0, snapshotEntries: deleted };
    },

    /**
     * Removes rows that are older than the horizon, of some openings.
     * @param after the opening after which to continue
     * @param tryLockUser locks the user of an opening: commands of other instances could change which rows are needed
     * @param isTimeOver whether to end early
     */
    async removeSomeRows(
      after: number,
      before: string,
      tryLockUser: (userId: string) => Promise<boolean>,
      isTimeOver: () => boolean,
    ): Promise<RemovedSomeRows> {
      const some = await listOpenings(after);
      const rows: RowCounts = { ...NO_ROWS };
      let last = after;
      for (const { id, userId } of some) {
        if (!(await tryLockUser(userId))) return { rows, last, busyUser: userId };
        for (const { kind, condition, remove } of await removalOf(id, before))
          for (;;) {
            if (isTimeOver()) return { rows, last, busyUser: undefined };
            const changes = await remove(condition);
            rows[kind] += changes;
            if (changes < ROWS_PER_STATEMENT) break;
          }
        last = id;
      }
      return { rows, last: some.length === 0 ? undefined : last, busyUser: undefined };
    },
    /**
     * Removes some of the versions of calendars that others have replaced before the horizon, as the snapshot does. Rules that name
     * the calendar have no version then. @returns their number
     */
    removeSomeCalendarVersions: (before: string): Promise<number> =>
      runSql(
        db,
        sql`delete from ${calendarVersions} where (calendar_id, valid_from) in
        (select calendar_id, valid_from from ${calendarVersions} as former where exists
          (select 1 from ${calendarVersions} as later where later.calendar_id = former.calendar_id
            and later.valid_from > former.valid_from and later.valid_from < ${Date.parse(before)})
        limit ${CALENDAR_VERSIONS_PER_STATEMENT})`,
      ),
    /** Counts what {@link removeSomeRows} would remove of some openings. */
    async countSomeRows(after: number, before: string): Promise<SomeRows> {
      const some = await listOpenings(after);
      const rows: RowCounts = { ...NO_ROWS };
      for (const { id } of some)
        for (const { kind, condition, count } of await removalOf(id, before))
          rows[kind] += await count(condition);
      return { rows, last: some.at(-1)?.id };
    },
  };
}

export type CompactionTables = ReturnType<typeof createCompactionTables>;

interface RowRemoval {
  readonly kind: keyof RemovedRows;
  readonly condition: SQL;
  readonly remove: (condition: SQL) => Promise<number>;
  readonly count: (condition: SQL) => Promise<number>;
}

/** Creates a function that describes which rows of an opening are older than a horizon. */
function createRowRemoval(
  db: MonitoringDrizzle,
): (openingId: number, before: string) => Promise<RowRemoval[]> {
  const { alarms, intervals, readings, unevaluatedEpisodes } = getTables(db);
  const countRows = (table: SQL) => async (condition: SQL) => {
    const [row] = await queryRows<{ count: number | string }>(
      db,
      sql`select count(*) as count from ${table} where ${condition}`,
    );
    return Number(row?.count ?? 0);
  };
  const deleteRows = (table: SQL, key: SQL) => (condition: SQL) =>
    runSql(
      db,
      sql`delete from ${table} where (${key}) in
      (select ${key} from ${table} where ${condition} limit ${ROWS_PER_STATEMENT})`,
    );
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

  return async (openingId, before) => {
    const beforeMs = Date.parse(before);
    const ofOpening = sql`opening_id = ${openingId}`;
    const [lastStart] = await db
      .select({ at: max(intervals.startedAt) })
      .from(intervals)
      .where(and(eq(intervals.openingId, openingId), eq(intervals.signal, 'OPEN')));
    // The silence that contains the horizon begins with the last reading before it. One seek for each code.
    const lastHeard = PRESENT_CODES.map(
      (code) => sql`(select max(at) from ${readings}
        where ${ofOpening} and code = ${code} and at < ${beforeMs} and effective)`,
    );
    const [heard] = await queryRows<{ at: number | string | null }>(
      db,
      sql`select max(at) as at from (select ${sql.join(lastHeard, sql` as at union all select `)} as at) as heard`,
    );
    const oldUntil = heard?.at === null || heard === undefined ? beforeMs : Number(heard.at);
    const isOld = (code: number) => sql`${ofOpening} and code = ${code} and at < ${oldUntil} and effective`;
    // The state of an opening without intervals is that of its first reading.
    const isFirstClosed = sql`at = (select min(at) from ${readings} where ${ofOpening} and code = ${STATE_CODES.CLOSED} and effective)`;
    const isOldClosed =
      lastStart?.at === null || lastStart === undefined
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
