import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  auditEntrySchema,
  auditPageSchema,
  type AuditEntry,
  type AuditQuery,
} from '@seguridad-abc/contracts';
import { UsageError, UserFacingError } from '../../shared/errors.js';
import type { MonitoringClient } from './monitoring-client.js';

const PAGE_SIZE = '500';

/** What the last page says about the whole trail. */
export interface TrailEnd {
  /** The last sequence number that was ever given. */
  head: number;
}

/** Reads the audit trail page by page, oldest first. @param end receives the end of the trail */
export async function* readTrail(
  client: MonitoringClient,
  filter: Partial<AuditQuery>,
  end: TrailEnd,
): AsyncGenerator<AuditEntry> {
  const selected = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  const parameters = { ...Object.fromEntries(selected), order: 'ascending', limit: PAGE_SIZE };
  let after = '0';
  for (;;) {
    const response = await client.send('/audit', { ...parameters, after });
    const page = auditPageSchema.parse(await response.json());
    if (after !== '0' && page.pruned && page.pruned.sequence > Number(after))
      throw new UserFacingError('The audit trail was pruned while it was read. Run the command again.');
    yield* page.entries;
    end.head = page.head;
    if (!page.hasMore) return;
    after = String(page.entries.at(-1)?.sequence ?? after);
  }
}

/**
 * Reads a file of JSON lines that `audit export` has written.
 * @throws UsageError if a line is no entry of the audit trail
 */
export async function* readTrailFile(file: string): AsyncGenerator<AuditEntry> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++;
    if (text === '') continue;
    yield parseLine(text, line);
  }
}

function parseLine(text: string, line: number): AuditEntry {
  try {
    return auditEntrySchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`Line ${line} is no entry of an audit trail: write the file with audit export.`);
  }
}

/** The values of an entry, by column of a CSV file. */
export const toAuditRow = ({ actor, subject, ...entry }: AuditEntry): Readonly<Record<string, unknown>> => ({
  sequence: entry.sequence,
  at: entry.at,
  action: entry.action,
  outcome: entry.outcome,
  role: entry.role,
  actor: actor?.id ?? null,
  device: actor?.device ?? null,
  address: actor?.address ?? null,
  userId: subject?.userId ?? null,
  subject: subject?.id ?? null,
  count: entry.count,
  firstAt: entry.firstAt,
  lastAt: entry.lastAt,
  before: toJsonCell(subject?.before),
  after: toJsonCell(subject?.after),
  hash: entry.hash,
});

const toJsonCell = (value: object | null | undefined): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

/** The columns of a CSV file, in their order. */
export const AUDIT_COLUMNS = [
  'sequence',
  'at',
  'action',
  'outcome',
  'role',
  'actor',
  'device',
  'address',
  'userId',
  'subject',
  'count',
  'firstAt',
  'lastAt',
  'before',
  'after',
  'hash',
];
