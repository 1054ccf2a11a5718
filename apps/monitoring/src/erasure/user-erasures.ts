import { ACCEPTED_OUTCOME, UNCHANGED_OUTCOME } from '@seguridad-abc/contracts';
import { emptyWriteAheadLog, type AuditSummaries, type Logger } from '@seguridad-abc/platform';
import { z } from 'zod';
import { getWorkOwner, type GroupCommit } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent } from '../db/outbox.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { IdempotencyKey } from '../commands/execute-command.js';
import type { IdempotencyKeys } from '../db/idempotency-keys.js';
import type { CommandCaller, Rejection } from '../domain/decision.js';
import {
  createErasureTables,
  type FencedErasure,
  type PendingErasure,
  type SnapshotPlace,
  type StoredUserData,
} from './erasure-tables.js';

/** Steps of erasures take turns with the callers of commands. */
const ERASURE_OWNER = 'erasures';
/** The pause after a failure, such as Redis being away. */
const RETRY_DELAY_MS = 1_000;

/** The copy of the event log on Redis. */
export interface RelayedLog {
  /** Resolves when the copy has reached a position, or at the end of the time. @returns whether it has */
  waitUntilRelayed(position: number, timeoutMs: number): Promise<boolean>;
  /** Removes the copy, so that it is written again from the log, and lets Redis rewrite its files. */
  rewrite(): Promise<void>;
}

/** How long the events that end rules and alarms stay readable, so that subscribers learn of them. */
const RELAY_WAIT_MS = 5_000;

export interface UserErasuresOptions {
  readonly db: MonitoringDrizzle;
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Counts requests that erase nothing. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly keys: Pick<IdempotencyKeys, 'find' | 'store'>;
  readonly transact: GroupCommit;
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
  /** Resolves when no data of the user is left, or when the service stops. @returns whether it is complete */
  readonly completion: Promise<boolean>;
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
  /** Continues erasures that are not complete. */
  start(relayedLog: RelayedLog): void;
  /** Resolves when no step runs any more. */
  stop(): Promise<void>;
}

export function createUserErasures(options: UserErasuresOptions): UserErasures {
  const { db, appendEvent, appendAuditEntry, auditSummaries, keys, transact, now, logger } = options;
  const tables = createErasureTables(db, appendEvent);
  /** Called when an erasure is complete, by its id. */
  const completions = new Map<
    number,
    { readonly promise: Promise<boolean>; readonly resolve: (isComplete: boolean) => void }
  >();
  /** Fences in progress, by the id of their erasure. */
  const fences = new Map<number, Promise<FencedErasure>>();
  let relayedLog: RelayedLog | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

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

  const runStep = <Result>(work: () => Result): Promise<Result> => transact(work, 1, ERASURE_OWNER);
  /** Repeats a step until there is no more to do. */
  const runAll = async (step: () => boolean) => {
    while (!isStopped && (await runStep(step)));
  };

  /** Ends what is active, and fixes up to where the log and the trail are erased. It does not wait for Redis. */
  const fence = (erasure: PendingErasure): Promise<FencedErasure> => {
    const running = fences.get(erasure.id) ?? runFence(erasure).finally(() => fences.delete(erasure.id));
    fences.set(erasure.id, running);
    return running;
  };
  const runFence = async (erasure: PendingErasure): Promise<FencedErasure> => {
    // Another caller may have completed it since the record was read.
    const { position, auditSequence } = tables.findByPseudonym(erasure.pseudonym) ?? erasure;
    if (position !== null && auditSequence !== null) return { ...erasure, position, auditSequence };
    let fenced: FencedErasure | undefined;
    await runAll(() => {
      if (tables.endRulesAndAlarms(erasure, now())) return true;
      if (tables.deleteCalendarsAndExceptions(erasure)) return true;
      fenced = tables.fence(erasure, now());
      return false;
    });
    if (!fenced) throw new Error('The service stops.');
    return fenced;
  };

  const erase = async (pending: PendingErasure, log: RelayedLog) => {
    const erasure = await fence(pending);
    await runAll(() => tables.deleteOpeningData(erasure));
    let scanned: number | undefined = 0;
    await runAll(() => {
      scanned = tables.deleteIdempotencyKeys(erasure, scanned ?? 0);
      return scanned !== undefined;
    });
    await log.waitUntilRelayed(erasure.position, RELAY_WAIT_MS);
    await runAll(() => tables.eraseEvents(erasure));
    let place: SnapshotPlace | undefined = { snapshot: 0, position: 0 };
    await runAll(() => {
      place = place && tables.eraseSnapshotEntries(erasure, place);
      return place !== undefined;
    });
    await runAll(() => tables.eraseAuditEntries(erasure));
    while (!isStopped && !(await log.waitUntilRelayed(erasure.position, RELAY_WAIT_MS)));
    if (isStopped) return;
    await log.rewrite();
    await runStep(() => {
      tables.complete(erasure, now());
      audit(COMPLETING_ACTOR, 'completeErasure', erasure.pseudonym);
    });
    emptyWriteAheadLog(db);
    logger.info({ pseudonym: erasure.pseudonym }, "a user's data is erased");
    completions.get(erasure.id)?.resolve(true);
    completions.delete(erasure.id);
  };

  const hasStopped = () => isStopped;

  const runPending = async (log: RelayedLog) => {
    for (let next = tables.findPending(); next && !isStopped; next = tables.findPending()) {
      try {
        await erase(next, log);
      } catch (error) {
        if (hasStopped()) return;
        logger.error({ err: error, pseudonym: next.pseudonym }, 'an erasure is interrupted; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  };

  const wake = () => {
    if (!relayedLog || isStopped) return;
    running ??= runPending(relayedLog).finally(() => {
      running = undefined;
      // One may have been accepted at the end of the last one.
      if (!isStopped && tables.findPending()) wake();
    });
  };

  /** Follows an erasure to its end. @param record undefined if it is complete */
  const follow = (record: PendingErasure | undefined): Pick<AcceptedErasure, 'fenced' | 'completion'> => {
    if (!record) return { fenced: Promise.resolve(), completion: Promise.resolve(true) };
    const completion = completions.get(record.id) ?? createCompletion();
    completions.set(record.id, completion);
    const fenced = fence(record).then(() => undefined);
    // A caller may not wait for it.
    fenced.catch(() => undefined);
    wake();
    return { fenced, completion: completion.promise };
  };

  return {
    async request(caller, userId, key) {
      const outcome = await transact(
        () => {
          const earlier = key && keys.find(key);
          if (earlier?.kind === 'rejected') return earlier;
          if (earlier) {
            const accepted = acceptedUserDataSchema.parse(earlier.state);
            auditUnchanged(caller, accepted.pseudonym);
            return {
              kind: 'repeated' as const,
              ...accepted,
              record: tables.findByPseudonym(accepted.pseudonym),
            };
          }
          const pending = tables.findOf(userId);
          const stored = tables.countUserData(userId);
          if (!pending && !stored) {
            auditUnchanged(caller, null);
            return { kind: 'nothingStored' as const };
          }
          const record = pending ?? tables.create(userId, now());
          const accepted = { pseudonym: record.pseudonym, ...(stored ?? NOTHING_STORED) };
          audit(caller, ERASE_ACTION, record.pseudonym);
          if (key) keys.store(key, accepted, now());
          return { kind: 'accepted' as const, ...accepted, record };
        },
        1,
        getWorkOwner(caller),
      );
      if (outcome.kind === 'rejected' || outcome.kind === 'nothingStored') return outcome;
      const { record, ...accepted } = outcome;
      return { ...accepted, kind: 'accepted', ...follow(record) };
    },
    start(log) {
      relayedLog = log;
      // A crash may have left erased content there.
      emptyWriteAheadLog(db);
      wake();
    },
    async stop() {
      isStopped = true;
      await running;
      for (const { resolve } of completions.values()) resolve(false);
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

function createCompletion() {
  let resolve: (isComplete: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((settle) => (resolve = settle));
  return { promise, resolve };
}
