import { createUnreadableEntry, logEntrySchema, type LogEntry, type LogPage } from '@seguridad-abc/contracts';
import { getErrorMessage } from '@seguridad-abc/platform';
import { and, asc, eq, gt, lte, max, sql } from 'drizzle-orm';
import { z } from 'zod';
import { getDialect } from './dialect.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { logHead } from './postgres-schema.js';
import { createPreparedLimit } from './prepared-columns.js';
import { prepare } from './prepared-statement.js';
import { getTables, type MonitoringTables } from './schema.js';

/** The size limit of a page, unless its first entry alone is larger: a batch of 1,000 readings is one entry. */
const MAX_PAGE_BYTES = 1024 * 1024; // 1 MiB

/** Up to where the log is compacted. */
export interface CompactedLog {
  /** 0: it is not compacted. */
  readonly position: number;
  /** The mark of the entry at the position. */
  readonly mark: string | null;
}

/** The rows of the event log, as entries. */
export interface StoredLog {
  /** The position at which the log ends. */
  getHead(): Promise<number>;
  getHorizon(): Promise<CompactedLog>;
  /** The mark of an entry that a reader may know, also of one that a compaction has removed. */
  getMark(position: number): Promise<string | undefined>;
  /** Reads the entries after a position, without a compacted part of the log. */
  readEntries(logId: string, after: number, limit: number): Promise<readonly LogEntry[]>;
  /** Reads a part of the snapshot, with the position that the reader has reached with it. */
  readSnapshot(
    logId: string,
    snapshot: number,
    after: number,
    limit: number,
  ): Promise<Pick<LogPage, 'entries' | 'upTo' | 'markUpTo'>>;
}

type EventRow = MonitoringTables['events']['$inferSelect'];
type SnapshotRow = MonitoringTables['snapshotEntries']['$inferSelect'];

/** Creates the reader of the log's rows. Calls that belong together run in one transaction of the connection. */
export function createStoredLog(db: MonitoringDrizzle): StoredLog {
  const { events, logHorizon, snapshotEntries } = getTables(db);
  const horizonRow = prepare(db, db.select().from(logHorizon));
  const getHorizon = async (): Promise<CompactedLog> =>
    (await horizonRow.get()) ?? { position: 0, mark: null };
  const getHead = createHeadReader(db, getHorizon);

  /** SQLite reads the lengths alone: it stores them beside the positions. */
  const sizes = prepare(
    db,
    db
      .select({ position: events.position, bytes: sql<number>`octet_length(${events.data})` })
      .from(events)
      .where(gt(events.position, sql.placeholder('after')))
      .orderBy(asc(events.position))
      .limit(createPreparedLimit(sql.placeholder('limit'))),
  );
  const rowsBetween = prepare(
    db,
    db
      .select()
      .from(events)
      .where(
        and(gt(events.position, sql.placeholder('after')), lte(events.position, sql.placeholder('until'))),
      )
      .orderBy(asc(events.position)),
  );

  const markAt = prepare(
    db,
    db
      .select({ mark: events.mark })
      .from(events)
      .where(eq(events.position, sql.placeholder('position'))),
  );
  const isSnapshotEntry = and(
    eq(snapshotEntries.snapshot, sql.placeholder('snapshot')),
    eq(snapshotEntries.position, sql.placeholder('position')),
  );
  const snapshotMarkAt = prepare(
    db,
    db.select({ mark: snapshotEntries.mark }).from(snapshotEntries).where(isSnapshotEntry),
  );
  const getMark = async (position: number) => {
    const horizon = await getHorizon();
    if (position > horizon.position) return (await markAt.get({ position }))?.mark ?? undefined;
    if (position === horizon.position) return horizon.mark ?? undefined;
    return (await snapshotMarkAt.get({ snapshot: horizon.position, position }))?.mark ?? undefined;
  };

  const rowAt = prepare(
    db,
    db
      .select()
      .from(events)
      .where(eq(events.position, sql.placeholder('position'))),
  );
  const earlierRow = prepare(
    db,
    db
      .select({ position: events.position })
      .from(events)
      .where(lte(events.position, sql.placeholder('after')))
      .limit(createPreparedLimit(1)),
  );

  /** Positions have no gaps. Where the database lacks an entry between others, an unreadable entry takes its place. */
  const fillGaps = async (
    logId: string,
    after: number,
    entries: readonly LogEntry[],
    limit: number,
  ): Promise<readonly LogEntry[]> => {
    const [first] = entries;
    const last = entries.at(-1);
    if (!first || !last || last.position - after === entries.length) return entries;
    const filled: LogEntry[] = [];
    const isAfterKnown =
      after === (await getHorizon()).position || (await earlierRow.get({ after })) !== undefined;
    let next = isAfterKnown && after > 0 ? after + 1 : first.position;
    for (const entry of entries) {
      for (; next < entry.position && filled.length < limit; next++)
        filled.push(createUnreadableEntry({ logId, position: next }, 'the database has no entry there'));
      if (filled.length === limit) break;
      filled.push(entry);
      next = entry.position + 1;
    }
    return filled;
  };

  const readPage = async (logId: string, after: number, limit: number): Promise<readonly LogEntry[]> => {
    const until = findPageEnd(after, await sizes.all({ after, limit }));
    return (await rowsBetween.all({ after, until })).map((row) => toEntry(logId, row));
  };

  /** Reads entries one by one, because one of them makes the page unreadable. */
  const readOneByOne = async (logId: string, after: number, limit: number): Promise<readonly LogEntry[]> => {
    const entries: LogEntry[] = [];
    const end = Math.min(await getHead(), after + limit);
    let room = MAX_PAGE_BYTES;
    for (let position = after + 1; position <= end && room > 0; position++) {
      try {
        const row = await rowAt.get({ position });
        if (!row) continue;
        room -= JSON.stringify(row.data).length;
        entries.push(toEntry(logId, row));
      } catch (error) {
        if (!isDamaged(error)) throw error;
        entries.push(createUnreadableEntry({ logId, position }, getErrorMessage(error)));
      }
    }
    return entries;
  };

  const readReadable = async (logId: string, after: number, limit: number) => {
    try {
      return await readPage(logId, after, limit);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return readOneByOne(logId, after, limit);
    }
  };

  const isInSnapshot = and(
    eq(snapshotEntries.snapshot, sql.placeholder('snapshot')),
    gt(snapshotEntries.position, sql.placeholder('after')),
  );
  const snapshotSizes = prepare(
    db,
    db
      .select({
        position: snapshotEntries.position,
        bytes: sql<number>`octet_length(${snapshotEntries.data})`,
      })
      .from(snapshotEntries)
      .where(isInSnapshot)
      .orderBy(asc(snapshotEntries.position))
      .limit(createPreparedLimit(sql.placeholder('limit'))),
  );
  const snapshotRowsBetween = prepare(
    db,
    db
      .select()
      .from(snapshotEntries)
      .where(and(isInSnapshot, lte(snapshotEntries.position, sql.placeholder('until'))))
      .orderBy(asc(snapshotEntries.position)),
  );
  const snapshotRowAt = prepare(db, db.select().from(snapshotEntries).where(isSnapshotEntry));

  /** Reads a row of the snapshot, or what takes the place of a damaged one. */
  const readSnapshotEntry = async (
    logId: string,
    snapshot: number,
    position: number,
  ): Promise<readonly LogEntry[]> => {
    try {
      const row = await snapshotRowAt.get({ snapshot, position });
      return row ? [toSnapshotEntry(logId, row)] : [];
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return [createUnreadableEntry({ logId, position }, getErrorMessage(error))];
    }
  };

  return {
    getHead,
    getHorizon,
    getMark,
    readEntries: async (logId, after, limit) =>
      fillGaps(logId, after, await readReadable(logId, after, limit), limit),
    async readSnapshot(logId, snapshot, after, limit) {
      const found = await snapshotSizes.all({ snapshot, after, limit });
      const until = findPageEnd(after, found);
      let entries: LogEntry[];
      try {
        const rows = await snapshotRowsBetween.all({ snapshot, after, until });
        entries = rows.map((row) => toSnapshotEntry(logId, row));
      } catch (error) {
        if (!isDamaged(error)) throw error;
        entries = [];
        for (const { position } of found)
          if (position <= until) entries.push(...(await readSnapshotEntry(logId, snapshot, position)));
      }
      const isComplete = found.length < limit && until === (found.at(-1)?.position ?? after);
      const upTo = isComplete ? snapshot : until;
      const markUpTo = await getMark(upTo);
      return { entries, upTo, ...(markUpTo !== undefined && { markUpTo }) };
    },
  };
}

/** PostgreSQL stores the head, because its lock numbers the events. */
function createHeadReader(
  db: MonitoringDrizzle,
  getHorizon: () => Promise<CompactedLog>,
): () => Promise<number> {
  if (getDialect(db).name === 'postgresql') {
    const head = prepare(db, db.select({ position: logHead.position }).from(logHead));
    return async () => (await head.get())?.position ?? 0;
  }
  const { events } = getTables(db);
  const last = prepare(db, db.select({ position: max(events.position) }).from(events));
  return async () => (await last.get())?.position ?? (await getHorizon()).position;
}

function toEntry(logId: string, row: EventRow): LogEntry {
  const { mark, traceparent, ...fields } = row;
  const entry = {
    logId,
    ...fields,
    ...(mark !== null && { mark }),
    ...(traceparent !== null && { traceparent }),
  };
  const parsed = logEntrySchema.safeParse(entry);
  return parsed.success ? entry : createUnreadableEntry(entry, z.prettifyError(parsed.error));
}

function toSnapshotEntry(logId: string, row: SnapshotRow): LogEntry {
  const { position, type, version, at, actor, data, mark } = row;
  return toEntry(logId, { position, type, version, at, actor, data, mark, traceparent: null });
}

/**
 * Whether an error says that an entry is damaged: its JSON, or the part of the file that holds it. Another error, such as that
 * of a disk, may go away: then the log cannot be read now.
 */
function isDamaged(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'string' && code.startsWith('SQLITE_CORRUPT')) return true;
  return cause !== undefined && isDamaged(cause);
}

/** @returns the position of the last entry that fits on the page */
function findPageEnd(
  after: number,
  sizes: readonly { readonly position: number; readonly bytes: number }[],
): number {
  let end = after;
  let room = MAX_PAGE_BYTES;
  for (const { position, bytes } of sizes) {
    room -= bytes;
    if (room < 0 && end > after) break;
    end = position;
  }
  return end;
}
