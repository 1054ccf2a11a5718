import type { Actor, MonitoringEvent } from '@seguridad-abc/contracts';
import type { AuditRecord } from '../domain/audit-record.js';

/** An event without its position. */
export interface AppendedEvent {
  readonly type: string;
  readonly version: number;
  readonly at: string;
  readonly actor: Actor | null;
  readonly data: MonitoringEvent['data'];
  readonly mark: string;
  readonly traceparent: string | null;
}

/** The columns of events but the position, with their types in PostgreSQL and their stored values. */
export const EVENT_COLUMNS: readonly (readonly [
  name: string,
  type: 'bigint' | 'text',
  getValue: (event: AppendedEvent) => string | number | null,
])[] = [
  ['type', 'text', ({ type }) => type],
  ['version', 'bigint', ({ version }) => version],
  ['at', 'text', ({ at }) => at],
  ['actor', 'text', ({ actor }) => actor && JSON.stringify(actor)],
  ['data', 'text', ({ data }) => JSON.stringify(data)],
  ['mark', 'text', ({ mark }) => mark],
  ['traceparent', 'text', ({ traceparent }) => traceparent],
];

/** An entry of the audit trail without its sequence number and hashes. */
export interface AppendedAuditEntry {
  readonly record: AuditRecord;
  readonly now: string;
}

/** What the write of appends has found. */
export interface WrittenAppends {
  /** The position of the last event; undefined if there are no events. */
  readonly position: number | undefined;
  /** How long other instances had the head of the log meanwhile, in ms. */
  readonly waitedMs: number;
}

/** Writes the appends of a transaction. It locks the head of the log until the commit, so positions follow the order of commits. */
export interface LogWriter {
  write(
    events: readonly AppendedEvent[],
    auditEntries: readonly AppendedAuditEntry[],
  ): Promise<WrittenAppends>;
}
