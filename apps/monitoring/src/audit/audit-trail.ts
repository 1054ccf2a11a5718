import {
  ACCEPTED_OUTCOME,
  PRUNE_AUDIT_TRAIL_ACTION,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
} from '@seguridad-abc/contracts';
import {
  createAuditVerifier,
  FIRST_PREVIOUS_HASH,
  formatAuditAnchor,
  type AuditAnchor,
  type AuditProblem,
} from '@seguridad-abc/platform';
import { aliasedTable, and, asc, desc, eq, gt, gte, lt, lte, max, min, sql, type SQL } from 'drizzle-orm';
import { toAuditEntry } from '../db/audit-rows.js';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDatabase, MonitoringDrizzle } from '../db/monitoring-database.js';
import { logHead } from '../db/postgres-schema.js';
import { prepare, queryRows } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';

/** The audit trail: an append-only table whose entries are chained by hashes. `LogAppends` appends to it. */
export interface AuditTrail {
  /** The sequence number of the last entry; 0 without entries. */
  getLastSequence(): Promise<number>;
  /** Reads a page in short statements, between which other work has its turn. */
  readPage(query: AuditQuery): Promise<AuditPage>;
  /** Verifies the last entries, and that only pruned ones are missing before the first. */
  verifyEnds(): Promise<AuditProblem[]>;
  /**
   * Records that the entries from before an instant are deleted because of their age. To be called inside a transaction.
   * @returns the last one of them; undefined if there is none
   */
  beginPruning(before: string, retentionDays: number, now: string): Promise<AuditAnchor | undefined>;
  /** Deletes some of the entries up to one. To be called inside a transaction. @returns whether there may be more */
  deleteSomeUntil(last: AuditAnchor): Promise<boolean>;
}

/** Entries that one statement looks at. It takes a few milliseconds, for which commands wait. */
const ENTRIES_PER_STATEMENT = 5_000;
/** The same with a filter for which there is an index. */
const INDEXED_ENTRIES_PER_STATEMENT = 1_000_000;
/** Entries that `verifyEnds` reads. */
const TAIL_LENGTH = 100;
/** Entries that one transaction deletes. It takes some milliseconds, for which commands wait. */
const ENTRIES_PER_DELETION = 200;

export interface AuditTrailOptions extends Pick<MonitoringDatabase, 'db' | 'reader' | 'snapshots'> {
  readonly appendAuditEntry: AppendAuditEntry;
}

export function createAuditTrail({ db, reader, snapshots, appendAuditEntry }: AuditTrailOptions): AuditTrail {
  const { auditEntries, auditPruning } = getTables(db);
  const reads = createAuditReads(reader);
  const { getHead, getPruned, getFirstSequence, getLastSequence } = reads;
  const snapshotReads = createAuditReads(snapshots.db);
  // Pruning reads what the transaction deletes.
  const writeReads = createAuditReads(db);

  const getHash = async (sequence: number): Promise<string | undefined> => {
    const [found] = await db
      .select({ hash: auditEntries.hash })
      .from(auditEntries)
      .where(eq(auditEntries.sequence, sequence));
    return found?.hash;
  };

  return {
    getLastSequence,

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
      // Entries may be appended meanwhile. A head that were newer than the entries would look as if the last ones were missing.
      let head = await getHead();
      let first = from === undefined ? await getFirstSequence() : await reads.findFirstAt(from);
      let end = until === undefined ? (await getLastSequence()) + 1 : await reads.findFirstAt(until);
      head = Math.max(head, end - 1);
      if (after !== undefined && isAscending) first = Math.max(first, after + 1);
      if (after !== undefined && !isAscending) end = Math.min(end, after);
      const entries: AuditEntry[] = [];
      while (first < end && entries.length <= limit) {
        if (entries.length > 0 || size === ENTRIES_PER_STATEMENT) await new Promise(setImmediate);
        const [low, high] = isAscending
          ? [first, Math.min(first + size, end)]
          : [Math.max(end - size, first), end];
        const range = and(gte(auditEntries.sequence, low), lt(auditEntries.sequence, high), filter);
        entries.push(...(await reads.readRows(range, order, limit + 1 - entries.length)));
        if (isAscending) first = high;
        else end = low;
      }
      const hasMore = entries.length > limit;
      return {
        head,
        pruned: (await getPruned()) ?? null,
        entries: entries.slice(0, limit),
        hasMore,
      };
    },

    verifyEnds: () =>
      // Entries may be appended and pruned meanwhile.
      snapshots.read(async () => {
        const end = await snapshotReads.getLastSequence();
        const from = Math.max(0, end - TAIL_LENGTH);
        const range = and(gt(auditEntries.sequence, from), lte(auditEntries.sequence, end));
        const [first, ...entries] = await snapshotReads.readRows(range, 'ascending', TAIL_LENGTH);
        const verifier = createAuditVerifier(
          first && { sequence: first.sequence - 1, hash: first.previousHash },
        );
        const problems = (first ? [first, ...entries] : []).flatMap((entry) => verifier.verify(entry));
        const head = await snapshotReads.getHead();
        const expectedFirst = await snapshotReads.getFirstSequence();
        const [oldest] = await snapshots.db
          .select({ sequence: min(auditEntries.sequence) })
          .from(auditEntries);
        if (oldest?.sequence && oldest.sequence > expectedFirst)
          problems.unshift(createGapProblem(expectedFirst, oldest.sequence - 1, oldest.sequence));
        if (head > end) problems.push(createGapProblem(end + 1, head, head));
        return problems;
      }),

    async beginPruning(before, retentionDays, now) {
      const sequence = (await writeReads.findFirstAt(before)) - 1;
      const hash = await getHash(sequence);
      if (hash === undefined) return undefined;
      const found = { sequence, hash };
      const record = {
        action: PRUNE_AUDIT_TRAIL_ACTION,
        outcome: ACCEPTED_OUTCOME,
        ...PRUNING_CALLER,
        address: null,
        userId: null,
        subject: formatAuditAnchor(found),
        after: { entriesBefore: before, retentionDays },
      };
      appendAuditEntry(record, now);
      return found;
    },

    async deleteSomeUntil(last) {
      const first = await writeReads.getFirstSequence();
      const until = Math.min(first - 1 + ENTRIES_PER_DELETION, last.sequence);
      const hash = await getHash(until);
      if (hash === undefined) return false;
      await db
        .insert(auditPruning)
        .values({ id: 1, sequence: until, hash })
        .onConflictDoUpdate({ target: auditPruning.id, set: { sequence: until, hash } });
      await db.delete(auditEntries).where(lte(auditEntries.sequence, until));
      return until < last.sequence;
    },
  };
}

/** What reads the audit trail over one connection. */
function createAuditReads(db: MonitoringDrizzle) {
  const { auditEntries, auditPruning } = getTables(db);
  const last = prepare(db, db.select({ sequence: max(auditEntries.sequence) }).from(auditEntries));
  const instantOf = prepare(
    db,
    db
      .select({ at: auditEntries.at })
      .from(auditEntries)
      .where(eq(auditEntries.sequence, sql.placeholder('sequence'))),
  );
  const getLastSequence = async () => (await last.get())?.sequence ?? 0;

  /** The last number that was ever given, also if the last rows are removed: SQLite remembers it, or the head of the logs. */
  const headQuery =
    getDialect(db).name === 'sqlite'
      ? sql`select seq as head from sqlite_sequence where name = 'audit_entries'`
      : sql`select audit_sequence as head from ${logHead}`;
  const getHead = async () => (await queryRows<{ head: number }>(db, headQuery))[0]?.head ?? 0;

  const getPruned = async (): Promise<AuditAnchor | undefined> => {
    const [pruned] = await db
      .select({ sequence: auditPruning.sequence, hash: auditPruning.hash })
      .from(auditPruning);
    return pruned;
  };
  /** The sequence number of the first entry that was not pruned. */
  const getFirstSequence = async () => ((await getPruned())?.sequence ?? 0) + 1;

  const previous = aliasedTable(auditEntries, 'previous');
  const previousHash = db
    .select({ hash: previous.hash })
    .from(previous)
    .where(eq(previous.sequence, sql`${auditEntries.sequence} - 1`));
  const prunedHash = db
    .select({ hash: auditPruning.hash })
    .from(auditPruning)
    .where(eq(auditPruning.sequence, sql`${auditEntries.sequence} - 1`));

  return {
    getLastSequence,
    getHead,
    getPruned,
    getFirstSequence,

    async readRows(
      condition: SQL | undefined,
      order: AuditQuery['order'],
      limit: number,
    ): Promise<AuditEntry[]> {
      const rows = await db
        .select({
          row: auditEntries,
          // One statement sees one moment: the entry before it may be pruned meanwhile.
          previousHash: sql<string | null>`coalesce((${prunedHash}), (${previousHash}))`,
        })
        .from(auditEntries)
        .where(condition)
        .orderBy((order === 'ascending' ? asc : desc)(auditEntries.sequence))
        .limit(limit);
      return rows.map(({ row, previousHash: hash }) => toAuditEntry(row, hash ?? FIRST_PREVIOUS_HASH));
    },

    /** Finds the first entry at or after an instant. Instants never go back, so a binary search finds it. */
    async findFirstAt(instant: string): Promise<number> {
      let low = await getFirstSequence();
      let high = (await getLastSequence()) + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (((await instantOf.get({ sequence: middle }))?.at ?? '') < instant) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** The service prunes the audit trail by itself. */
const PRUNING_CALLER = { actor: 'monitoring', role: 'operator' } as const;

const createGapProblem = (from: number, to: number, sequence: number): AuditProblem => ({
  sequence,
  problem: `The entries ${from} to ${to} are missing.`,
});
