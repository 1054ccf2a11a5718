import {
  ACCEPTED_OUTCOME,
  PRUNE_AUDIT_TRAIL_ACTION,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
} from '@seguridad-abc/contracts';
import {
  createAuditSalt,
  createAuditVerifier,
  FIRST_PREVIOUS_HASH,
  formatAuditAnchor,
  hashActorPart,
  hashAuditEntry,
  hashSubjectPartWithJson,
  toCanonicalJson,
  type AuditAnchor,
  type AuditProblem,
} from '@seguridad-abc/platform';
import { aliasedTable, and, asc, desc, eq, gt, gte, lt, lte, min, sql, type SQL } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { auditEntries, auditPruning } from '../db/schema.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import { getLaterInstant } from '../domain/decision.js';

/** The audit trail: an append-only table whose entries are chained by hashes. */
export interface AuditTrail {
  readonly append: AppendAuditEntry;
  /** The sequence number of the last entry; 0 without entries. */
  getLastSequence(): number;
  /** Reads a page in short statements, between which other work has its turn. */
  readPage(query: AuditQuery): Promise<AuditPage>;
  /** Verifies the last entries, and that only pruned ones are missing before the first. */
  verifyEnds(): AuditProblem[];
  /**
   * Records that the entries from before an instant are deleted because of their age. To be called inside a transaction.
   * @returns the last one of them; undefined if there is none
   */
  beginPruning(before: string, retentionDays: number, now: string): AuditAnchor | undefined;
  /** Deletes some of the entries up to one. To be called inside a transaction. @returns whether there may be more */
  deleteSomeUntil(last: AuditAnchor): boolean;
}

/** Entries that one statement looks at. It takes a few milliseconds, for which commands wait. */
const ENTRIES_PER_STATEMENT = 5_000;
/** The same with a filter for which there is an index. */
const INDEXED_ENTRIES_PER_STATEMENT = 1_000_000;
/** Entries that `verifyEnds` reads. */
const TAIL_LENGTH = 100;
/** Entries that one transaction deletes. It takes some milliseconds, for which commands wait. */
const ENTRIES_PER_DELETION = 200;

export function createSqliteAuditTrail(db: MonitoringDrizzle): AuditTrail {
  // Every command runs these two statements. Drizzle would interpret them again each time.
  const last = db.$client.prepare<[], { sequence: number; at: string; hash: string }>(
    'select sequence, at, hash from audit_entries order by sequence desc limit 1',
  );
  const insert = db.$client.prepare(`insert into audit_entries (
    sequence, at, action, outcome, role, count, first_at, last_at, actor_salt, actor, device, address,
    subject_salt, user_id, subject, before, after, actor_hash, subject_hash, hash
  ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const instantOf = db
    .select({ at: auditEntries.at })
    .from(auditEntries)
    .where(eq(auditEntries.sequence, sql.placeholder('sequence')))
    .prepare();
  const getLastSequence = () => last.get()?.sequence ?? 0;

  /** SQLite remembers the last number that it ever gave, also if the last rows are removed. */
  const getHead = (): number =>
    db.get<{ seq: number } | undefined>(sql`select seq from sqlite_sequence where name = 'audit_entries'`)
      ?.seq ?? 0;

  const getPruned = (): AuditAnchor | undefined =>
    db.select({ sequence: auditPruning.sequence, hash: auditPruning.hash }).from(auditPruning).get();

  const previous = aliasedTable(auditEntries, 'previous');
  const previousHash = db
    .select({ hash: previous.hash })
    .from(previous)
    .where(eq(previous.sequence, sql`${auditEntries.sequence} - 1`));
  const readRows = (condition: SQL | undefined, order: AuditQuery['order'], limit: number) => {
    const pruned = getPruned();
    return db
      .select({ row: auditEntries, previousHash: sql<string | null>`(${previousHash})` })
      .from(auditEntries)
      .where(condition)
      .orderBy((order === 'ascending' ? asc : desc)(auditEntries.sequence))
      .limit(limit)
      .all()
      .map(({ row, previousHash: stored }) => {
        const hash = row.sequence - 1 === pruned?.sequence ? pruned.hash : stored;
        return toEntry(row, hash ?? FIRST_PREVIOUS_HASH);
      });
  };

  /** The sequence number of the first entry that was not pruned. */
  const getFirstSequence = () => (getPruned()?.sequence ?? 0) + 1;

  /** Finds the first entry at or after an instant. Instants never go back, so a binary search finds it. */
  const findFirstAt = (instant: string): number => {
    let low = getFirstSequence();
    let high = getLastSequence() + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((instantOf.get({ sequence: middle })?.at ?? '') < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const append: AppendAuditEntry = ({ count = 1, before = null, after = null, ...record }, now) => {
    const end = last.get();
    const at = end ? getLaterInstant(now, end.at) : now;
    const { action, outcome, role, device, address, firstAt = at, lastAt = at } = record;
    const actor = { address, device, id: record.actor, salt: createAuditSalt() };
    const subject = {
      after: after && toCanonicalJson(after),
      before: before && toCanonicalJson(before),
      id: record.subject,
      salt: createAuditSalt(),
      userId: record.userId,
    };
    const sequence = (end?.sequence ?? 0) + 1;
    const previousHash = end?.hash ?? FIRST_PREVIOUS_HASH;
    const actorHash = hashActorPart(actor);
    const subjectHash = hashSubjectPartWithJson(subject);
    const covered = { sequence, at, action, outcome, role, count, firstAt, lastAt, actorHash, subjectHash };
    const hash = hashAuditEntry({ ...covered, previousHash });
    insert.run(
      [sequence, at, action, outcome, role, count, firstAt, lastAt],
      [actor.salt, actor.id, device ?? null, address],
      [subject.salt, subject.userId, subject.id, subject.before, subject.after],
      [actorHash, subjectHash, hash],
    );
  };

  return {
    getLastSequence,
    append,

    async readPage({ order, after, limit, actor, user, action, outcome, from, until }) {
      const isAscending = order === 'ascending';
      const filter = and(
        actor === undefined ? undefined : eq(auditEntries.actor, actor),
        user === undefined ? undefined : eq(auditEntries.userId, user),
        action === undefined ? undefined : eq(auditEntries.action, action),
        outcome === undefined ? undefined : eq(auditEntries.outcome, outcome),
      );
      // Without a filter, the first statement finds the whole page.
      const hasIndex = actor !== undefined || user !== undefined || filter === undefined;
      const size = hasIndex ? INDEXED_ENTRIES_PER_STATEMENT : ENTRIES_PER_STATEMENT;
      let first = from === undefined ? getFirstSequence() : findFirstAt(from);
      let end = until === undefined ? getLastSequence() + 1 : findFirstAt(until);
      if (after !== undefined && isAscending) first = Math.max(first, after + 1);
      if (after !== undefined && !isAscending) end = Math.min(end, after);
      const entries: AuditEntry[] = [];
      while (first < end && entries.length <= limit) {
        if (entries.length > 0 || size === ENTRIES_PER_STATEMENT) await new Promise(setImmediate);
        const [low, high] = isAscending
          ? [first, Math.min(first + size, end)]
          : [Math.max(end - size, first), end];
        const range = and(gte(auditEntries.sequence, low), lt(auditEntries.sequence, high), filter);
        entries.push(...readRows(range, order, limit + 1 - entries.length));
        if (isAscending) first = high;
        else end = low;
      }
      const hasMore = entries.length > limit;
      return { head: getHead(), pruned: getPruned() ?? null, entries: entries.slice(0, limit), hasMore };
    },

    verifyEnds() {
      const end = getLastSequence();
      const from = Math.max(0, end - TAIL_LENGTH);
      const range = and(gt(auditEntries.sequence, from), lte(auditEntries.sequence, end));
      const [first, ...entries] = readRows(range, 'ascending', TAIL_LENGTH);
      const verifier = createAuditVerifier(
        first && { sequence: first.sequence - 1, hash: first.previousHash },
      );
      const problems = (first ? [first, ...entries] : []).flatMap((entry) => verifier.verify(entry));
      const head = getHead();
      const expectedFirst = getFirstSequence();
      const oldest = db
        .select({ sequence: min(auditEntries.sequence) })
        .from(auditEntries)
        .get()?.sequence;
      if (oldest && oldest > expectedFirst)
        problems.unshift(createGapProblem(expectedFirst, oldest - 1, oldest));
      if (head > end) problems.push(createGapProblem(end + 1, head, head));
      return problems;
    },

    beginPruning(before, retentionDays, now) {
      const sequence = findFirstAt(before) - 1;
      const found = db
        .select({ sequence: auditEntries.sequence, hash: auditEntries.hash })
        .from(auditEntries)
        .where(eq(auditEntries.sequence, sequence))
        .get();
      if (!found) return undefined;
      const record = {
        action: PRUNE_AUDIT_TRAIL_ACTION,
        outcome: ACCEPTED_OUTCOME,
        ...PRUNING_CALLER,
        address: null,
        userId: null,
        subject: formatAuditAnchor(found),
        after: { entriesBefore: before, retentionDays },
      };
      append(record, now);
      return found;
    },

    deleteSomeUntil(last) {
      const until = Math.min(getFirstSequence() - 1 + ENTRIES_PER_DELETION, last.sequence);
      const hash = db
        .select({ hash: auditEntries.hash })
        .from(auditEntries)
        .where(eq(auditEntries.sequence, until))
        .get()?.hash;
      if (hash === undefined) return false;
      db.insert(auditPruning)
        .values({ id: 1, sequence: until, hash })
        .onConflictDoUpdate({ target: auditPruning.id, set: { sequence: until, hash } })
        .run();
      db.delete(auditEntries).where(lte(auditEntries.sequence, until)).run();
      return until < last.sequence;
    },
  };
}

/** The service prunes the audit trail by itself. */
const PRUNING_CALLER = { actor: 'monitoring', role: 'operator' } as const;

const createGapProblem = (from: number, to: number, sequence: number): AuditProblem => ({
  sequence,
  problem: `The entries ${from} to ${to} are missing.`,
});

function toEntry(row: typeof auditEntries.$inferSelect, previousHash: string): AuditEntry {
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
