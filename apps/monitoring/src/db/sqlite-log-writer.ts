import { getSqlConnection } from '@seguridad-abc/platform';
import { eq, max } from 'drizzle-orm';
import { AUDIT_COLUMNS, buildAuditRow } from './audit-rows.js';
import type { LogWriter } from './log-writer.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { createColumnPlaceholders, prepareInsert } from './prepared-columns.js';
import { prepare } from './prepared-statement.js';
import { getTables } from './schema.js';

/** SQLite has one writer: the next position is the one after the last that it gave. */
export function createSqliteLogWriter(db: MonitoringDrizzle): LogWriter {
  const { events, auditEntries } = getTables(db);
  const insertEvent = prepareInsert(db, db.insert(events).values(createColumnPlaceholders(events)));
  const lastPosition = prepare(db, db.select({ position: max(events.position) }).from(events));
  const { sequence, at, hash } = auditEntries;
  const lastAuditEntry = prepare(
    db,
    db
      .select({ sequence, at, hash })
      .from(auditEntries)
      .where(eq(sequence, db.select({ sequence: max(sequence) }).from(auditEntries))),
  );
  const insertAuditEntry = getSqlConnection(db).prepare(
    `insert into audit_entries (${AUDIT_COLUMNS.map(([name]) => name).join(', ')})
    values (${AUDIT_COLUMNS.map(() => '?').join(', ')})`,
  );
  return {
    async write(newEvents, newAuditEntries) {
      for (const event of newEvents) await insertEvent({ position: null, ...event });
      if (newAuditEntries.length > 0) {
        let last = await lastAuditEntry.get();
        for (const { record, now } of newAuditEntries) {
          const row = buildAuditRow(record, now, last);
          await insertAuditEntry.run(row.values);
          last = row;
        }
      }
      const position = newEvents.length > 0 ? (await lastPosition.get())?.position : undefined;
      return { position: position ?? undefined, waitedMs: 0 };
    },
  };
}
