import { randomBytes } from 'node:crypto';
import {
  actorSchema,
  findEventOwner,
  pickFields,
  type Actor,
  type MonitoringEvent,
} from '@seguridad-abc/contracts';
import { activeSpanStorage, getSampledTraceparent } from '@seguridad-abc/platform';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { AppendedAuditEntry, AppendedEvent } from './log-writer.js';
import { createPostgresLogWriter } from './postgres-log-writer.js';
import { createSqliteLogWriter } from './sqlite-log-writer.js';
import { getDialect } from './dialect.js';
import type { MonitoringDrizzle } from './monitoring-database.js';

/**
 * Appends an event to the event log. To be called inside the transaction that writes the state. It only keeps the event: it is
 * written, and gets its position, at the end of the transaction, unless `flushAppends` is called before.
 * @param at the instant of the event
 * @param actor `null` if the passing of time causes the event
 */
export type AppendEvent = (event: MonitoringEvent, at: string, actor: Actor | null) => void;

/**
 * Writes what `appendEvent` and `appendAuditEntry` have kept in the open transaction. The group commit does so before each commit.
 * Work that has to know the position of its event, or the sequence number of its entry, calls it earlier. From then on until the
 * commit, no other instance can commit: so only rare work does.
 */
export type FlushAppends = () => Promise<void>;

/** The lock of the head of the log, which a transaction has from its first flush to its end. */
export interface LogHeadLock {
  /** In ms of `performance.now()`. */
  readonly since: number;
  /** How long other instances had it before, in ms. */
  readonly waitedMs: number;
}

/** How far the appends of a transaction were when a piece of work began. */
export interface AppendsMark {
  readonly headLock: LogHeadLock | undefined;
  readonly events: number;
  readonly auditEntries: number;
  readonly flushedEvents: number;
  readonly flushedAuditEntries: number;
}

/** The events and audit entries of the open transaction. They are written at its end, so that others wait for the log as shortly as possible. */
export interface LogAppends {
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  readonly flush: FlushAppends;
  /** For the group commit: where the open transaction is. */
  getMark(): AppendsMark;
  /** For the group commit: the work since the mark is rolled back. */
  rollBackTo(mark: AppendsMark): void;
  /** For the group commit: a transaction begins. */
  clear(): void;
  /** For the group commit: the transaction is committed. */
  recordCommit(): void;
  /** For the group commit: the lock of the open transaction, or of the one that has just ended; undefined if it took none. */
  readonly headLock: LogHeadLock | undefined;
  /** Whether the last transaction has appended events. */
  readonly hasEvents: boolean;
  /** Number of committed events by type since the start. */
  readonly eventCounts: ReadonlyMap<string, number>;
}

/** The marks of entries that no reader compares by chance: 48 random bits for each position. */
const MARK_BYTES = 6;

type UnmarkedEvent = Omit<AppendedEvent, 'mark'>;

export interface LogAppendsOptions {
  /** Called with the last event of a user, and its position, before the transaction is committed. */
  readonly onUserEvent?: ((userId: string, position: number) => void) | undefined;
}

/** @param db the write connection */
export function createLogAppends(db: MonitoringDrizzle, { onUserEvent }: LogAppendsOptions = {}): LogAppends {
  const writer = getDialect(db).name === 'sqlite' ? createSqliteLogWriter(db) : createPostgresLogWriter(db);
  const events: UnmarkedEvent[] = [];
  const auditEntries: AppendedAuditEntry[] = [];
  let flushedEvents = 0;
  let flushedAuditEntries = 0;
  let headLock: LogHeadLock | undefined;
  const eventCounts = new Map<string, number>();

  return {
    appendEvent({ type, version, data }, at, actor) {
      events.push({
        type,
        version,
        at,
        actor: actor && pickFields(actorSchema, actor),
        data,
        traceparent: getSampledTraceparent(activeSpanStorage.getStore()) ?? null,
      });
    },
    appendAuditEntry(record, now) {
      auditEntries.push({ record, now });
    },
    async flush() {
      const newEvents = markEvents(events.slice(flushedEvents));
      const newEntries = auditEntries.slice(flushedAuditEntries);
      if (newEvents.length + newEntries.length === 0) return;
      const askedAt = performance.now();
      const { position: last, waitedMs } = await writer.write(newEvents, newEntries);
      headLock ??= { since: askedAt + waitedMs, waitedMs };
      flushedEvents = events.length;
      flushedAuditEntries = auditEntries.length;
      if (last === undefined || !onUserEvent) return;
      let position = last - newEvents.length;
      for (const { data } of newEvents) {
        position++;
        const userId = findEventOwner(data);
        if (userId !== undefined) onUserEvent(userId, position);
      }
    },
    getMark: () => ({
      headLock,
      events: events.length,
      auditEntries: auditEntries.length,
      flushedEvents,
      flushedAuditEntries,
    }),
    rollBackTo(mark) {
      events.length = mark.events;
      auditEntries.length = mark.auditEntries;
      // The rollback has also removed what earlier work had appended and this work has flushed, and released the lock.
      ({ headLock, flushedEvents, flushedAuditEntries } = mark);
    },
    clear() {
      events.length = 0;
      auditEntries.length = 0;
      flushedEvents = 0;
      flushedAuditEntries = 0;
      headLock = undefined;
    },
    recordCommit() {
      for (const { type } of events) eventCounts.set(type, (eventCounts.get(type) ?? 0) + 1);
    },
    get headLock() {
      return headLock;
    },
    get hasEvents() {
      return events.length > 0;
    },
    eventCounts,
  };
}

/** All marks of a transaction need one call: each call costs as much as a statement. */
function markEvents(events: readonly UnmarkedEvent[]): AppendedEvent[] {
  const random = randomBytes(MARK_BYTES * events.length);
  return events.map((event, index) => ({
    mark: random.toString('base64url', index * MARK_BYTES, (index + 1) * MARK_BYTES),
    ...event,
  }));
}
