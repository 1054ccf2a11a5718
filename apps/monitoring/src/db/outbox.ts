import { randomBytes, randomUUID } from 'node:crypto';
import {
  actorSchema,
  createUnreadableEntry,
  logEntrySchema,
  pickFields,
  type Actor,
  type LogEntry,
  type LogPage,
  type MonitoringEvent,
} from '@seguridad-abc/contracts';
import {
  activeSpanStorage,
  getErrorMessage,
  getSampledTraceparent,
  runAsPromise,
  type Logger,
} from '@seguridad-abc/platform';
import { and, asc, eq, gt, lte, max, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { EventLog } from '../log/event-log.js';
import { createLastUserPositions } from '../log/last-user-positions.js';
import type { WakeUpSignal } from '../log/relay.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit, prepareInsert } from './prepared-columns.js';
import { events, eventLogIdentity, formerEpochs, logHorizon, snapshotEntries } from './schema.js';

/**
 * Appends an event to the outbox. To be called inside the transaction that writes the state. It only keeps the event: it is
 * written, and gets its position, at the end of the transaction, unless `flushAppends` is called before.
 * @param at the instant of the event
 * @param actor `null` if the passing of time causes the event
 */
export type AppendEvent = (event: MonitoringEvent, at: string, actor: Actor | null) => void;

/**
 * The transactional outbox, which stores the event log. The state tables are authoritative for decisions; each event is
 * stored in the transaction that writes the state.
 */
export interface SqliteOutbox {
  readonly appendEvent: AppendEvent;
  /**
   * Notifies `appended` if an event was appended since the last call, even if its transaction was rolled back. To be
   * called after each commit.
   */
  readonly notifyIfAppended: () => void;
  /** Number of appended events by type since the start. It includes the few of transactions that were rolled back. */
  readonly eventCounts: ReadonlyMap<string, number>;
  readonly eventLog: EventLog;
}

/** The size limit of a page, unless its first entry alone is larger: a batch of 1,000 readings is one entry. */
const MAX_PAGE_BYTES = 1024 * 1024; // 1 MiB

/** The marks of entries that no reader compares by chance: 48 random bits for each position. */
const MARK_BYTES = 6;

/**
 * @param appended notified after each commit that appends to the event log
 * @param now the server's instant
 */
export function createSqliteOutbox(
  db: MonitoringDrizzle,
  appended: Pick<WakeUpSignal, 'notify'>,
  { now, logger }: { readonly now: () => string; readonly logger: Logger },
): SqliteOutbox {
  let { id: logId, replacesStream } = db.transaction(
    () =>
      db.select().from(eventLogIdentity).get() ??
      db.insert(eventLogIdentity).values({ id: randomUUID() }).returning().get(),
  );
  const readFormerLogIds = () =>
    db
      .select()
      .from(formerEpochs)
      .all()
      .map((epoch) => epoch.logId);
  let formerLogIds = readFormerLogIds();

  const insert = prepareInsert(db, db.insert(events).values(createColumnPlaceholders(events)));
  const last = db
    .select({ position: max(events.position) })
    .from(events)
    .prepare();
  const horizonRow = db.select().from(logHorizon).prepare();
  /** Up to where the log is compacted; 0: it is not. */
  const getHorizon = () => horizonRow.get() ?? { position: 0, mark: null };
  const getHead = () => last.get()?.position ?? getHorizon().position;
  const lastUserPositions = createLastUserPositions(getHead());
  /** A transaction that was rolled back leaves the position of an event that is not in the log. */
  const getLastPosition = (userId: string) => Math.min(lastUserPositions.get(userId), getHead());

  /** SQLite reads the lengths alone: it stores them beside the positions. */
  const sizes = db
    .select({ position: events.position, bytes: sql<number>`octet_length(${events.data})` })
    .from(events)
    .where(gt(events.position, sql.placeholder('after')))
    .orderBy(asc(events.position))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const rowsBetween = db
    .select()
    .from(events)
    .where(and(gt(events.position, sql.placeholder('after')), lte(events.position, sql.placeholder('until'))))
    .orderBy(asc(events.position))
    .prepare();

  const markAt = db
    .select({ mark: events.mark })
    .from(events)
    .where(eq(events.position, sql.placeholder('position')))
    .prepare();
  const isSnapshotEntry = and(
    eq(snapshotEntries.snapshot, sql.placeholder('snapshot')),
    eq(snapshotEntries.position, sql.placeholder('position')),
  );
  const snapshotMarkAt = db
    .select({ mark: snapshotEntries.mark })
    .from(snapshotEntries)
    .where(isSnapshotEntry)
    .prepare();
  /** The mark of an entry that a reader may know, also of one that a compaction has removed. */
  const getMark = (position: number) => {
    const horizon = getHorizon();
    if (position > horizon.position) return markAt.get({ position })?.mark ?? undefined;
    if (position === horizon.position) return horizon.mark ?? undefined;
    return snapshotMarkAt.get({ snapshot: horizon.position, position })?.mark ?? undefined;
  };

  const rowAt = db
    .select()
    .from(events)
    .where(eq(events.position, sql.placeholder('position')))
    .prepare();
  const earlierRow = db
    .select({ position: events.position })
    .from(events)
    .where(lte(events.position, sql.placeholder('after')))
    .limit(1)
    .prepare();

  type EventRow = NonNullable<ReturnType<typeof rowAt.get>>;
  const toEntry = (row: EventRow): LogEntry => {
    const { mark, traceparent, ...fields } = row;
    const entry = {
      logId,
      ...fields,
      ...(mark !== null && { mark }),
      ...(traceparent !== null && { traceparent }),
    };
    const parsed = logEntrySchema.safeParse(entry);
    return parsed.success ? entry : createUnreadableEntry(entry, z.prettifyError(parsed.error));
  };

  /** Positions have no gaps. Where the database lacks an entry between others, an unreadable entry takes its place. */
  const fillGaps = (after: number, entries: readonly LogEntry[], limit: number): readonly LogEntry[] => {
    const [first] = entries;
    const last = entries.at(-1);
    if (!first || !last || last.position - after === entries.length) return entries;
    const filled: LogEntry[] = [];
    const isAfterKnown = after === getHorizon().position || earlierRow.get({ after }) !== undefined;
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

  const readPage = (after: number, limit: number): readonly LogEntry[] =>
    rowsBetween.all({ after, until: findPageEnd(after, sizes.all({ after, limit })) }).map(toEntry);

  /** Reads entries one by one, because one of them makes the page unreadable. */
  const readOneByOne = (after: number, limit: number): readonly LogEntry[] => {
    const entries: LogEntry[] = [];
    const end = Math.min(getHead(), after + limit);
    let room = MAX_PAGE_BYTES;
    for (let position = after + 1; position <= end && room > 0; position++) {
      try {
        const row = rowAt.get({ position });
        if (!row) continue;
        room -= JSON.stringify(row.data).length;
        entries.push(toEntry(row));
      } catch (error) {
        if (!isDamaged(error)) throw error;
        entries.push(createUnreadableEntry({ logId, position }, getErrorMessage(error)));
      }
    }
    return entries;
  };

  const readEntries = (after: number, limit: number): readonly LogEntry[] => {
    try {
      return readPage(after, limit);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return readOneByOne(after, limit);
    }
  };

  const snapshotSizes = db
    .select({
      position: snapshotEntries.position,
      bytes: sql<number>`octet_length(${snapshotEntries.data})`,
    })
    .from(snapshotEntries)
    .where(
      and(
        eq(snapshotEntries.snapshot, sql.placeholder('snapshot')),
        gt(snapshotEntries.position, sql.placeholder('after')),
      ),
    )
    .orderBy(asc(snapshotEntries.position))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const snapshotRowsBetween = db
    .select()
    .from(snapshotEntries)
    .where(
      and(
        eq(snapshotEntries.snapshot, sql.placeholder('snapshot')),
        gt(snapshotEntries.position, sql.placeholder('after')),
        lte(snapshotEntries.position, sql.placeholder('until')),
      ),
    )
    .orderBy(asc(snapshotEntries.position))
    .prepare();
  const snapshotRowAt = db.select().from(snapshotEntries).where(isSnapshotEntry).prepare();

  /** Reads a row of the snapshot, or what takes the place of a damaged one. */
  const readSnapshotEntry = (snapshot: number, position: number): LogEntry | undefined => {
    try {
      const row = snapshotRowAt.get({ snapshot, position });
      return row && toSnapshotEntry(row);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return createUnreadableEntry({ logId, position }, getErrorMessage(error));
    }
  };
  const toSnapshotEntry = (row: typeof snapshotEntries.$inferSelect) => {
    const { position, type, version, at, actor, data, mark } = row;
    return toEntry({ position, type, version, at, actor, data, mark, traceparent: null });
  };

  /** Reads a part of the snapshot, with the position that the reader has reached with it. */
  const readSnapshot = (
    snapshot: number,
    after: number,
    limit: number,
  ): Pick<LogPage, 'entries' | 'upTo' | 'markUpTo'> => {
    const found = snapshotSizes.all({ snapshot, after, limit });
    const until = findPageEnd(after, found);
    let entries: LogEntry[];
    try {
      entries = snapshotRowsBetween.all({ snapshot, after, until }).map(toSnapshotEntry);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      entries = found
        .filter(({ position }) => position <= until)
        .flatMap(({ position }) => readSnapshotEntry(snapshot, position) ?? []);
    }
    const isComplete = found.length < limit && until === (found.at(-1)?.position ?? after);
    const upTo = isComplete ? snapshot : until;
    const markUpTo = getMark(upTo);
    return { entries, upTo, ...(markUpTo !== undefined && { markUpTo }) };
  };

  let hasAppended = false;
  const eventCounts = new Map<string, number>();

  const startEpoch = () => {
    const endPosition = getHead();
    const id = randomUUID();
    db.transaction(() => {
      db.insert(formerEpochs).values({ logId, endPosition, endedAt: now() }).run();
      db.update(eventLogIdentity).set({ id }).run();
    });
    logger.warn(
      { formerLogId: logId, logId: id, position: endPosition },
      'the event log was replaced by an older copy: it starts a new epoch, and readers follow it',
    );
    logId = id;
    formerLogIds = readFormerLogIds();
    // The relay replaces the stream.
    appended.notify();
  };

  const eventLog: EventLog = {
    end: (userId) =>
      Promise.resolve({ logId, position: userId === undefined ? getHead() : getLastPosition(userId) }),

    read: (after, limit, snapshot) =>
      runAsPromise(() =>
        db.transaction((): LogPage => {
          const markAfter = after === 0 ? undefined : getMark(after);
          const page = {
            logId,
            ...(formerLogIds.length > 0 && { formerLogIds }),
            ...(markAfter !== undefined && { markAfter }),
            head: getHead(),
          };
          const horizon = getHorizon().position;
          if (after >= horizon)
            return { ...page, entries: [...fillGaps(after, readEntries(after, limit), limit)] };
          // What was removed after this position may have changed what the reader holds.
          if (after > 0 && snapshot !== horizon)
            return { ...page, snapshotUpTo: horizon, isCompacted: true, entries: [] };
          return { ...page, snapshotUpTo: horizon, ...readSnapshot(horizon, after, limit) };
        }),
      ),
    get compactedUpTo() {
      return getHorizon().position;
    },
    compareWithReader({ logId: knownLogId, position, mark }) {
      if (knownLogId !== logId) return;
      const ownMark = getMark(position);
      const isOtherEntry = mark !== undefined && ownMark !== undefined && mark !== ownMark;
      if (position > getHead() || isOtherEntry) startEpoch();
    },
    get replacesStream() {
      return replacesStream;
    },
    confirmStreamReplaced() {
      if (!replacesStream) return;
      db.update(eventLogIdentity).set({ replacesStream: false }).run();
      replacesStream = false;
    },
  };

  return {
    appendEvent({ type, version, data }, at, actor) {
      const { lastInsertRowid } = insert({
        position: null,
        type,
        version,
        at,
        actor: actor && pickFields(actorSchema, actor),
        data,
        mark: randomBytes(MARK_BYTES).toString('base64url'),
        traceparent: getSampledTraceparent(activeSpanStorage.getStore()) ?? null,
      });
      const userId = findOwnerId(data);
      if (userId !== undefined) lastUserPositions.record(userId, Number(lastInsertRowid));
      hasAppended = true;
      eventCounts.set(type, (eventCounts.get(type) ?? 0) + 1);
    },
    notifyIfAppended() {
      if (!hasAppended) return;
      hasAppended = false;
      appended.notify();
    },
    eventCounts,
    eventLog,
  };
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

/** The user whose data an event changes. Events of erasures name no user. */
function findOwnerId(data: MonitoringEvent['data']): string | undefined {
  if ('rule' in data) return data.rule.userId;
  if ('alarm' in data) return data.alarm.userId;
  if ('device' in data) return data.device.userId;
  return 'userId' in data ? data.userId : undefined;
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
