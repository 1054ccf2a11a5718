import { eq, max } from 'drizzle-orm';
import { AUDIT_COLUMNS, buildAuditRows } from './audit-rows.js';
import { prepareStoredRowInsert } from './batch-insert.js';
import { EVENT_COLUMNS, type LogWriter } from './log-writer.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { prepare } from './prepared-statement.js';
import { getTables } from './schema.js';

/** SQLite has one writer: the next position is the one after the last that it gave. */
export function createSqliteLogWriter(db: MonitoringDrizzle): LogWriter {
  const { events, auditEntries } = getTables(db);
  const insertEvents = prepareStoredRowInsert(db, 'events', getNames(EVENT_COLUMNS));
  const lastPosition = prepare(db, db.select({ position: max(events.position) }).from(events));
  const { sequence, at, hash } = auditEntries;
  const lastAuditEntry = prepare(
    db,
    db
      .select({ sequence, at, hash })
      .from(auditEntries)
      .where(eq(sequence, db.select({ sequence: max(sequence) }).from(auditEntries))),
  );
  const insertAuditEntries = prepareStoredRowInsert(db, 'audit_entries', getNames(AUDIT_COLUMNS));
  return {
    async write(newEvents, newAuditEntries) {
      await insertEvents(newEvents.map((event) => EVENT_COLUMNS.map(([, , getValue]) => getValue(event))));
      if (newAuditEntries.length > 0)
        await insertAuditEntries(
          buildAuditRows(newAuditEntries, await lastAuditEntry.get()).map(({ values }) => values),
        );
      const position = newEvents.length > 0 ? (await lastPosition.get())?.position : undefined;
      return { position: position ?? undefined, waitedMs: 0 };
    },
  };
}

const getNames = (columns: readonly (readonly [name: string, ...rest: unknown[]])[]): string[] =>
  columns.map(([name]) => name);
