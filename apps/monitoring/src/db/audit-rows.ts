import type { AuditEntry } from '@seguridad-abc/contracts';
import {
  createAuditSalt,
  FIRST_PREVIOUS_HASH,
  hashActorPart,
  hashAuditEntry,
  hashSubjectPartWithJson,
  toCanonicalJson,
} from '@seguridad-abc/platform';
import type { MonitoringTables } from './schema.js';
import type { AuditRecord } from '../domain/audit-record.js';
import type { AppendedAuditEntry } from './log-writer.js';
import { getLaterInstant } from '../domain/decision.js';

/** What the next entry of the audit trail needs of the last one. */
export interface AuditAnchorRow {
  readonly sequence: number;
  readonly at: string;
  readonly hash: string;
}

/** A row of the audit trail. */
export type AuditRow = MonitoringTables['auditEntries']['$inferSelect'];

/** The columns of a row as they are stored, with changed fields as canonical JSON. */
export interface StoredAuditRow extends AuditAnchorRow {
  /** In the order of `AUDIT_COLUMNS`. */
  readonly values: readonly (string | number | null)[];
}

/** The columns of the audit trail, with their types in PostgreSQL. */
export const AUDIT_COLUMNS: readonly (readonly [name: string, type: 'bigint' | 'text'])[] = [
  ['sequence', 'bigint'],
  ['at', 'text'],
  ['action', 'text'],
  ['outcome', 'text'],
  ['role', 'text'],
  ['count', 'bigint'],
  ['first_at', 'text'],
  ['last_at', 'text'],
  ['actor_salt', 'text'],
  ['actor', 'text'],
  ['device', 'text'],
  ['address', 'text'],
  ['subject_salt', 'text'],
  ['user_id', 'text'],
  ['subject', 'text'],
  ['before', 'text'],
  ['after', 'text'],
  ['actor_hash', 'text'],
  ['subject_hash', 'text'],
  ['hash', 'text'],
];

/**
 * Builds the next rows of the audit trail, each chained to the one before by its hash.
 * @param last undefined for the first row
 */
export function buildAuditRows(
  entries: readonly AppendedAuditEntry[],
  last: AuditAnchorRow | undefined,
): StoredAuditRow[] {
  const rows: StoredAuditRow[] = [];
  for (const { record, now } of entries) rows.push(buildAuditRow(record, now, rows.at(-1) ?? last));
  return rows;
}

/**
 * Builds the next row of the audit trail, chained to the last one by its hash.
 * @param now the server's instant
 * @param last undefined for the first row
 */
function buildAuditRow(record: AuditRecord, now: string, last: AuditAnchorRow | undefined): StoredAuditRow {
  const at = last ? getLaterInstant(now, last.at) : now;
  const { action, outcome, role, device, address, firstAt = at, lastAt = at } = record;
  const { count = 1, before = null, after = null } = record;
  const actor = { address, device, id: record.actor, salt: createAuditSalt() };
  const subject = {
    after: after && toCanonicalJson(after),
    before: before && toCanonicalJson(before),
    id: record.subject,
    salt: createAuditSalt(),
    userId: record.userId,
  };
  const sequence = (last?.sequence ?? 0) + 1;
  const previousHash = last?.hash ?? FIRST_PREVIOUS_HASH;
  const actorHash = hashActorPart(actor);
  const subjectHash = hashSubjectPartWithJson(subject);
  const covered = { sequence, at, action, outcome, role, count, firstAt, lastAt, actorHash, subjectHash };
  const hash = hashAuditEntry({ previousHash, ...covered });
  return {
    sequence,
    at,
    hash,
    values: [
      ...[sequence, at, action, outcome, role, count, firstAt, lastAt],
      ...[actor.salt, actor.id, device ?? null, address],
      ...[subject.salt, subject.userId, subject.id, subject.before, subject.after],
      ...[actorHash, subjectHash, hash],
    ],
  };
}

/** Converts a row to an entry of the API. @param previousHash the hash of the entry before it */
export function toAuditEntry(row: AuditRow, previousHash: string): AuditEntry {
  const { sequence, at, action, outcome, role, count, firstAt, lastAt, actorHash, subjectHash, hash } = row;
  return {
    sequence,
    at,
    action,
    outcome,
    role,
    count,
    firstAt,
    lastAt,
    actor:
      row.actorSalt === null
        ? null
        : {
            id: row.actor,
            ...(row.device !== null && { device: row.device }),
            address: row.address,
            salt: row.actorSalt,
          },
    subject:
      row.subjectSalt === null
        ? null
        : {
            userId: row.userId,
            id: row.subject,
            before: row.before,
            after: row.after,
            salt: row.subjectSalt,
          },
    actorHash,
    subjectHash,
    previousHash,
    hash,
  };
}
