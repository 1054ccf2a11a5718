import { ACCEPTED_OUTCOME } from '@seguridad-abc/contracts';
import { emptyWriteAheadLog, type Logger } from '@seguridad-abc/platform';
import type { GroupCommit } from '../db/group-commit.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import type { AppendEvent } from '../db/outbox.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { CommandCaller } from '../domain/decision.js';
import { createErasureTables, type FencedErasure, type PendingErasure } from './erasure-tables.js';

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
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/** An accepted erasure. It is durable, and continues after a restart. */
export interface AcceptedErasure {
  readonly pseudonym: string;
  /** Resolves when no data of the user is left, or when the service stops. @returns whether it is complete */
  readonly completion: Promise<boolean>;
}

/**
 * Erases users' data: in the tables, in the event log, in its copy on Redis, and in the audit trail. Reports erases its read
 * model when it reads the event `UserErased`. The work is done in short transactions.
 */
export interface UserErasures {
  /** Accepts the erasure of a user. If one is in progress, it is returned. */
  request(caller: CommandCaller, userId: string): Promise<AcceptedErasure>;
  /** Continues erasures that are not complete. */
  start(relayedLog: RelayedLog): void;
  /** Resolves when no step runs any more. */
  stop(): Promise<void>;
}

export function createUserErasures(options: UserErasuresOptions): UserErasures {
  const { db, appendEvent, appendAuditEntry, transact, now, logger } = options;
  const tables = createErasureTables(db, appendEvent);
  /** Called when an erasure is complete, by its id. */
  const completions = new Map<
    number,
    { readonly promise: Promise<boolean>; readonly resolve: (isComplete: boolean) => void }
  >();
  let relayedLog: RelayedLog | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  const audit = ({ id, role, address }: CommandCaller, action: string, pseudonym: string) =>
    appendAuditEntry(
      {
        action,
        outcome: ACCEPTED_OUTCOME,
        role,
        actor: id,
        address: address ?? null,
        userId: null,
        subject: pseudonym,
      },
      now(),
    );

  const runStep = <Result>(work: () => Result): Promise<Result> => transact(work, 1, ERASURE_OWNER);
  /** Repeats a step until there is no more to do. */
  const runAll = async (step: () => boolean) => {
    while (!isStopped && (await runStep(step)));
  };

  /** Ends what is active, and fixes up to where the log and the trail are erased. */
  const fence = async (erasure: PendingErasure): Promise<FencedErasure> => {
    const { position, auditSequence } = erasure;
    if (position !== null && auditSequence !== null) return { ...erasure, position, auditSequence };
    let fenced: FencedErasure | undefined;
    await runAll(() => {
      if (tables.endRulesAndAlarms(erasure, now())) return true;
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

  return {
    async request(caller, userId) {
      const { id, pseudonym } = await transact(() => {
        const accepted = tables.findOrCreate(userId, now());
        audit(caller, 'eraseUser', accepted.pseudonym);
        return accepted;
      });
      let completion = completions.get(id);
      if (!completion) {
        completion = createCompletion();
        completions.set(id, completion);
      }
      wake();
      return { pseudonym, completion: completion.promise };
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

/** The service completes an erasure by itself. */
const COMPLETING_ACTOR: CommandCaller = { id: 'monitoring', role: 'operator' };

function createCompletion() {
  let resolve: (isComplete: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((settle) => (resolve = settle));
  return { promise, resolve };
}
