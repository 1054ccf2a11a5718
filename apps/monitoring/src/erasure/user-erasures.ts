import { ACCEPTED_OUTCOME, UNCHANGED_OUTCOME } from '@seguridad-abc/contracts';
import type { AuditSummaries, Logger } from '@seguridad-abc/platform';
import { z } from 'zod';
import { getWorkOwner, type GroupCommit } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { IdempotencyKey } from '../commands/execute-command.js';
import type { IdempotencyKeys } from '../db/idempotency-keys.js';
import type { CommandCaller, Rejection } from '../domain/decision.js';
import {
  createErasureRecords,
  createErasureTables,
  type FencedErasure,
  type KeyPlace,
  type LogAppender,
  type PendingErasure,
  type SnapshotPlace,
  type StoredUserData,
} from './erasure-tables.js';

/** Steps of erasures take turns with the callers of commands. */
const ERASURE_OWNER = 'erasures';
/** The pause after a failure, such as Redis being away. */
const RETRY_DELAY_MS = 1_000;
/** How often the leader looks for erasures that other instances have accepted. */
const SEARCH_INTERVAL_MS = 1_000;
/** How often the completion of an erasure by another instance is looked at. */
const COMPLETION_POLL_MS = 200;

/** The copy of the event log on Redis. */
export interface RelayedLog {
  /** Resolves when the copy has reached a position, or at the end of the time. @returns whether it has */
  waitUntilRelayed(position: number, timeoutMs: number): Promise<boolean>;
  /**
   * Removes the copy, so that it is written again from the log, and waits until Redis has rewritten its files.
   * @throws Error if that was not possible now, or the signal aborts
   */
  rewrite(signal: AbortSignal): Promise<void>;
}

/** How long the events that end rules and alarms stay readable, so that subscribers learn of them. */
const RELAY_WAIT_MS = 5_000;

export interface UserErasuresOptions extends LogAppender {
  readonly db: MonitoringDrizzle;
  /** Reads what is committed. */
  readonly reader: MonitoringDrizzle;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Counts requests that erase nothing. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly keys: Pick<IdempotencyKeys, 'find' | 'store'>;
  readonly transact: GroupCommit;
  /** Runs work of the leader: it fails if another instance leads. */
  readonly transactAsLeader: GroupCommit;
  /** Whether this instance does the work that only one may do. */
  readonly isLeader: () => boolean;
  /** Removes what is erased from the files beside the database that this process can reach. */
  readonly emptyDatabaseLog: () => void;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/** What was stored of a user when an erasure was accepted, and what names the user afterwards. */
const acceptedUserDataSchema = z.object({
  pseudonym: z.string(),
  rules: z.int(),
  // Older versions stored no count of calendars and exceptions.
  calendars: z.int().default(0),
  exceptions: z.int().default(0),
  openings: z.int(),
  devices: z.int(),
});

/** An accepted erasure. It is durable, and continues after a restart. */
export interface AcceptedErasure extends StoredUserData {
  readonly kind: 'accepted';
  readonly pseudonym: string;
  /**
   * Resolves when rules and alarms have ended and the event `UserErased` is in the log. Reports then erases its read model.
   * Rejects if that fails; the erasure is tried again.
   */
  readonly fenced: Promise<void>;
  /**
   * Resolves when no data of the user is left, at the end of the time, or when the service stops.
   * @returns whether it is complete
   */
  readonly waitUntilComplete: (timeoutMs: number) => Promise<boolean>;
}

/**
 * Erases users' data: in the tables, in the event log, in its copy on Redis, and in the audit trail. Reports erases its read
 * model when it reads the event `UserErased`. The work is done in short transactions.
 */
export interface UserErasures {
  /**
   * Accepts the erasure of a user. If one is in progress, it is returned; with a known key, the one that was accepted with it.
   * @returns kind `nothingStored` if nothing is stored of the user; a rejection if the key belongs to another command
   */
  request(
    caller: CommandCaller,
    userId: string,
    key?: IdempotencyKey,
  ): Promise<AcceptedErasure | { readonly kind: 'nothingStored' } | Rejection>;
  /** Continues erasures that are not complete, while this instance leads. */
  start(relayedLog: RelayedLog): void;
  /** Resolves when no step runs any more. */
  stop(): Promise<void>;
}

export function createUserErasures(options: UserErasuresOptions): UserErasures {
  const { db, reader, appendAuditEntry, auditSummaries, keys, transact, now, logger } = options;
  const { transactAsLeader, isLeader, emptyDatabaseLog } = options;
  const tables = createErasureTables(db, options);
  const committed = createErasureRecords(reader);
  /** Called when this instance has completed an erasure. */
  const completionListeners = new Set<() => void>();
  /** Fences in progress, by the id of their erasure. */
  const fences = new Map<number, Promise<FencedErasure>>();
  let relayedLog: RelayedLog | undefined;
  let running: Promise<void> | undefined;
  let search: NodeJS.Timeout | undefined;
  let isStopped = false;
  const stopping = new AbortController();

  const createAttempt = ({ id, role, address }: CommandCaller, action: string, pseudonym: string | null) => ({
    action,
    role,
    actor: id,
    address: address ?? null,
    userId: null,
    subject: pseudonym,
  });
  const audit = (caller: CommandCaller, action: string, pseudonym: string) =>
    appendAuditEntry({ ...createAttempt(caller, action, pseudonym), outcome: ACCEPTED_OUTCOME }, now());
  const auditUnchanged = (caller: CommandCaller, pseudonym: string | null) =>
    auditSummaries.record({
      ...createAttempt(caller, ERASE_ACTION, pseudonym),
      outcome: UNCHANGED_OUTCOME,
    });

  /** Runs a step in a transaction. Commands of the user wait for it. */
  const runStep = <Result>(
    run: GroupCommit,
    { userId }: PendingErasure,
    step: () => Promise<Result>,
  ): Promise<Result> => run(step, { owner: ERASURE_OWNER, users: [userId] });

  /**
   * Ends what is active, and fixes up to where the log and the trail are erased. It does not wait for Redis. The instance that
   * has accepted the erasure does it, and the leader if that one ends before.
   */
  const fence = (run: GroupCommit, erasure: PendingErasure): Promise<FencedErasure> => {
    const running = fences.get(erasure.id) ?? runFence(run, erasure).finally(() => fences.delete(erasure.id));
    fences.set(erasure.id, running);
    return running;
  };
  const runFence = async (run: GroupCommit, erasure: PendingErasure): Promise<FencedErasure> => {
    let fenced: FencedErasure | undefined;
    while (!fenced && !isStopped)
      fenced = await runStep(run, erasure, async () => {
        // Another instance may have done it, or completed the erasure, since the record was read.
        const { position, auditSequence } = (await tables.findByPseudonym(erasure.pseudonym)) ?? erasure;
        if (position !== null && auditSequence !== null) return { ...erasure, position, auditSequence };
        if (await tables.endRulesAndAlarms(erasure, now())) return undefined;
        if (await tables.deleteCalendarsAndExceptions(erasure)) return undefined;
        return tables.fence(erasure, now());
      });
    if (!fenced) throw new Error('The service stops.');
    return fenced;
  };

  /** The files beside the database may hold what is erased. */
  let hasErasedContent = false;
  /** @throws the database's error, for example if its disk is full: it is to be tried again */
  const removeErasedContent = () => {
    if (!hasErasedContent) return;
    emptyDatabaseLog();
    hasErasedContent = false;
  };

  const erase = async (pending: PendingErasure, log: RelayedLog) => {
    const erasure = await fence(transactAsLeader, pending);
    /** Repeats a step until there is no more to do. */
    const repeatStep = async (step: () => Promise<boolean>) => {
      while (!isStopped && (await runStep(transactAsLeader, erasure, step)));
    };
    /** Repeats a step from where it ended, until it reaches the end. */
    const scan = async <Place>(first: Place, step: (from: Place) => Promise<Place | undefined>) => {
      for (let place: Place | undefined = first; place !== undefined && !isStopped;) {
        const from: Place = place;
        place = await runStep(transactAsLeader, erasure, () => step(from));
      }
    };
    await repeatStep(() => tables.deleteOpeningData(erasure));
    const firstKey: KeyPlace = { caller: '', key: '' };
    await scan(firstKey, (from) => tables.deleteIdempotencyKeys(erasure, from));
    await log.waitUntilRelayed(erasure.position, RELAY_WAIT_MS);
    await repeatStep(() => tables.eraseEvents(erasure));
    const firstEntry: SnapshotPlace = { snapshot: 0, position: 0 };
    await scan(firstEntry, (from) => tables.eraseSnapshotEntries(erasure, from));
    await repeatStep(() => tables.eraseAuditEntries(erasure));
    while (!isStopped && !(await log.waitUntilRelayed(erasure.position, RELAY_WAIT_MS)))
      if (!isLeader()) return;
    if (isStopped) return;
    await log.rewrite(stopping.signal);
    await transactAsLeader(
      async () => {
        await tables.complete(erasure, now());
        audit(COMPLETING_ACTOR, 'completeErasure', erasure.pseudonym);
      },
      { owner: ERASURE_OWNER },
    );
    hasErasedContent = true;
    removeErasedContent();
    logger.info({ pseudonym: erasure.pseudonym }, "a user's data is erased");
    for (const notify of completionListeners) notify();
  };

  const hasStopped = () => isStopped || !isLeader();

  const runPending = async (log: RelayedLog) => {
    while (!hasStopped()) {
      let pseudonym: string | undefined;
      try {
        removeErasedContent();
        const next = await committed.findPending();
        if (!next) return;
        pseudonym = next.pseudonym;
        await erase(next, log);
      } catch (error) {
        if (hasStopped()) return;
        logger.error({ err: error, pseudonym }, 'an erasure is interrupted; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  };

  let isWakePending = false;
  const wake = () => {
    if (!relayedLog || hasStopped()) return;
    // One may have been accepted at the end of the last one.
    isWakePending = running !== undefined;
    running ??= runPending(relayedLog).finally(() => {
      running = undefined;
      if (isWakePending) wake();
    });
  };

  /** Polls, because another instance may complete it. */
  const waitUntilComplete = async (pseudonym: string, timeoutMs: number): Promise<boolean> => {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      if (!(await committed.findByPseudonym(pseudonym))) return true;
      const leftMs = endsAt - performance.now();
      if (isStopped || leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          completionListeners.delete(end);
          resolve();
        };
        const timer = setTimeout(end, Math.min(leftMs, COMPLETION_POLL_MS));
        completionListeners.add(end);
      });
    }
  };

  /** Follows an erasure to its end. @param record undefined if it is complete */
  const follow = (
    record: PendingErasure | undefined,
  ): Pick<AcceptedErasure, 'fenced' | 'waitUntilComplete'> => {
    if (!record) return { fenced: Promise.resolve(), waitUntilComplete: () => Promise.resolve(true) };
    const fenced = fence(transact, record).then(() => undefined);
    // A caller may not wait for it.
    fenced.catch(() => undefined);
    wake();
    return { fenced, waitUntilComplete: (timeoutMs) => waitUntilComplete(record.pseudonym, timeoutMs) };
  };

  return {
    async request(caller, userId, key) {
      const outcome = await transact(
        async () => {
          const earlier = key && (await keys.find(key));
          if (earlier?.kind === 'rejected') return earlier;
          if (earlier) {
            const accepted = acceptedUserDataSchema.parse(earlier.state);
            const record = await tables.findByPseudonym(accepted.pseudonym);
            return { kind: 'repeated' as const, ...accepted, record };
          }
          const pending = await tables.findOf(userId);
          const stored = await tables.countUserData(userId);
          if (!pending && !stored) return { kind: 'nothingStored' as const };
          const record = pending ?? (await tables.create(userId, now()));
          const accepted = { pseudonym: record.pseudonym, ...(stored ?? NOTHING_STORED) };
          audit(caller, ERASE_ACTION, record.pseudonym);
          if (key) await keys.store(key, accepted, now());
          return { kind: 'accepted' as const, ...accepted, record };
        },
        { owner: getWorkOwner(caller), users: [userId] },
      );
      if (outcome.kind === 'rejected') return outcome;
      if (outcome.kind === 'nothingStored') {
        auditUnchanged(caller, null);
        return outcome;
      }
      if (outcome.kind === 'repeated') auditUnchanged(caller, outcome.pseudonym);
      const { record, ...accepted } = outcome;
      return { ...accepted, kind: 'accepted', ...follow(record) };
    },
    start(log) {
      relayedLog = log;
      // A crash may have left some.
      hasErasedContent = true;
      wake();
      search = setInterval(wake, SEARCH_INTERVAL_MS);
    },
    async stop() {
      isStopped = true;
      stopping.abort();
      clearInterval(search);
      for (const notify of completionListeners) notify();
      await running;
    },
  };
}

/** The mutation's name, as the audit trail records it. */
const ERASE_ACTION = 'eraseUserData';

export const NOTHING_STORED: StoredUserData = {
  rules: 0,
  calendars: 0,
  exceptions: 0,
  openings: 0,
  devices: 0,
};

/** The service completes an erasure by itself. */
const COMPLETING_ACTOR: CommandCaller = { id: 'monitoring', role: 'operator' };
