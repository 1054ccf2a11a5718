import {
  FIRST_PREVIOUS_HASH,
  formatAuditAnchor,
  type SqliteFile,
} from '@seguridad-abc/platform/installation';
import type { LogPlace } from './backup-manifest.js';

/** Reads where the event log of a monitoring database ends. Databases of old versions have no marks. */
export function readLogEnd(monitoring: SqliteFile): LogPlace {
  const log = monitoring.prepare<[], { id: string }>('select id from log').get();
  const last = monitoring
    .prepare<[], { position: number }>('select * from events order by position desc limit 1')
    .get();
  const end = last ?? readCompactedEnd(monitoring);
  const { mark = null } = (end ?? {}) as { mark?: string | null };
  return { logId: log?.id ?? '', position: end?.position ?? 0, mark };
}

/** Reads where a log ends that has been restored to the position up to which it is compacted. */
function readCompactedEnd(monitoring: SqliteFile) {
  const isKnown =
    monitoring.prepare("select 1 from sqlite_master where name = 'log_horizon'").get() !== undefined;
  return isKnown
    ? monitoring.prepare<[], { position: number }>('select position, mark from log_horizon').get()
    : undefined;
}

/** Reads what a read model has projected; undefined if it has projected nothing. */
export function readReadModelPlace(reports: SqliteFile): LogPlace | undefined {
  const row = reports.prepare('select * from checkpoint').get() as
    { log_id: string | null; position: number; mark?: string | null } | undefined;
  const logId = row?.log_id ?? null;
  if (!row || logId === null) return undefined;
  return { logId, position: row.position, mark: row.mark ?? null };
}

/** Reads the last entry of the audit trail, as `npm run audit -- verify --anchor` accepts it. */
export function readAuditAnchor(monitoring: SqliteFile): string {
  const last = monitoring
    .prepare<[], { sequence: number; hash: string }>(
      'select sequence, hash from audit_entries order by sequence desc limit 1',
    )
    .get();
  const pruned = monitoring
    .prepare<[], { sequence: number; hash: string }>('select sequence, hash from audit_pruning')
    .get();
  return formatAuditAnchor(last ?? pruned ?? { sequence: 0, hash: FIRST_PREVIOUS_HASH });
}
