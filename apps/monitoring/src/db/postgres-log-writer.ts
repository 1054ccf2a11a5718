import { getSqlConnection } from '@seguridad-abc/platform';
import { AUDIT_COLUMNS, buildAuditRows } from './audit-rows.js';
import { EVENT_COLUMNS, type LogWriter } from './log-writer.js';
import type { MonitoringDrizzle } from './monitoring-database.js';

const formatNames = (columns: readonly (readonly [name: string, ...rest: unknown[]])[]): string =>
  columns.map(([name]) => `"${name}"`).join(', ');

/** @param first the number of the parameter of the first column */
const formatArrays = (
  columns: readonly (readonly [name: string, type: string, ...rest: unknown[]])[],
  first: number,
): string => columns.map(([, type], index) => `$${first + index}::${type}[]`).join(', ');

/**
 * Writes the appends of a transaction with two statements at most, so that other instances wait for the head of the log as shortly as
 * possible. The first one locks the head, numbers the events and inserts them. The second one inserts the audit entries: their hashes
 * need the hash before them, which only the locked head has.
 *
 * The first one also returns how long it waited for the lock: `returning` is computed when the row is locked.
 */
export function createPostgresLogWriter(db: MonitoringDrizzle): LogWriter {
  const connection = getSqlConnection(db);
  const appendEvents = connection.prepare(
    `with head as (
      update log_head set position = position + $1
      returning position, audit_sequence, audit_at, audit_hash,
        extract(epoch from clock_timestamp() - statement_timestamp()) * 1000 as waited_ms
    ), appended as (
      insert into events (position, ${formatNames(EVENT_COLUMNS)})
      select head.position - $1 + entry.ordinal, ${EVENT_COLUMNS.map(([name]) => `entry."${name}"`).join(', ')}
      from head, unnest(${formatArrays(EVENT_COLUMNS, 2)})
        with ordinality as entry (${formatNames(EVENT_COLUMNS)}, ordinal)
    )
    select position, audit_sequence, audit_at, audit_hash, waited_ms from head`,
  );
  const appendAuditEntries = connection.prepare(
    `with appended as (
      insert into audit_entries (${formatNames(AUDIT_COLUMNS)}) select * from unnest(${formatArrays(AUDIT_COLUMNS, 4)})
    )
    update log_head set audit_sequence = $1, audit_at = $2, audit_hash = $3`,
  );
  return {
    async write(newEvents, newAuditEntries) {
      const head = await appendEvents.get([
        newEvents.length,
        ...EVENT_COLUMNS.map(([, , getValue]) => newEvents.map(getValue)),
      ]);
      if (!head) throw new Error('The table log_head has no row.');
      const [position, sequence, at, hash, waitedMs] = head as [
        number,
        number,
        string | null,
        string | null,
        number,
      ];
      // The log of a migrated installation may have only pruned entries, whose instants are not known.
      const lastOnRecord = hash === null ? undefined : { sequence, at: at ?? '', hash };
      const rows = buildAuditRows(newAuditEntries, lastOnRecord);
      const last = rows.at(-1);
      if (last)
        await appendAuditEntries.run([
          ...[last.sequence, last.at, last.hash],
          ...AUDIT_COLUMNS.map((_, column) => rows.map(({ values }) => values[column])),
        ]);
      return { position: newEvents.length > 0 ? position : undefined, waitedMs };
    },
  };
}
