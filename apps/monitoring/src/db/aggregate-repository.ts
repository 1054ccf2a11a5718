import { ACCEPTED_OUTCOME, UNCHANGED_OUTCOME, type MonitoringEvent } from '@seguridad-abc/contracts';
import type { AuditSummaries } from '@seguridad-abc/platform';
import type { z } from 'zod';
import type { TransactionalAggregateRepository } from '../commands/execute-command.js';
import { findChangedFields, type AggregateChange, type AppendAuditEntry } from '../domain/audit-record.js';
import type { CommandCaller, EventCause, Rejection } from '../domain/decision.js';
import { getWorkOwner, getWorkUsers, type GroupCommit } from './group-commit.js';
import type { IdempotencyKeys } from './idempotency-keys.js';
import type { AppendEvent } from './outbox.js';
import type { UserLocks } from './user-locks.js';

/** How aggregates of one kind are stored. `find` and `save` run inside a transaction. */
export interface AggregateStorage<State, Event> {
  /** Reads the stored result of an earlier command. An older version stored it without the fields that are new since. */
  readonly stateSchema: z.ZodType<State>;
  readonly find: (id: string) => Promise<State | undefined>;
  /** Reads outside transactions. */
  readonly findAll: (ids: readonly string[]) => Promise<readonly State[]>;
  readonly evolve: (state: State | undefined, event: Event) => State;
  /** Judges a new state before it is saved. */
  readonly checkQuotas?: (
    state: State,
    before: State | undefined,
    cause: EventCause,
  ) => Promise<Rejection | undefined>;
  /** Writes the state and its consequences. */
  readonly save: (state: State, before: State | undefined, cause: EventCause) => Promise<void>;
  /** What the audit trail records of a change. @default the changed fields */
  readonly findChanges?: (before: State | undefined, state: State) => AggregateChange;
  /** Explains an error that a client can resolve, such as a violated uniqueness. */
  readonly explainError?: (error: unknown) => Rejection | undefined;
}

export interface RepositoryOptions {
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Counts accepted commands that change nothing. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly keys: IdempotencyKeys;
  readonly transact: GroupCommit;
  readonly lockUser: UserLocks['lockUser'];
  /** The server's instant. */
  readonly now: () => string;
}

/** Rolls back the earlier events of a command that exceeds a quota. */
class QuotaRejectionError extends Error {
  override name = 'QuotaRejectionError';

  constructor(readonly rejection: Rejection) {
    super('The command exceeds a quota.');
  }
}

export function createAggregateRepository<
  State extends { readonly id: string; readonly userId: string; readonly updatedAt: string },
  Event extends MonitoringEvent,
>(
  storage: AggregateStorage<State, Event>,
  { appendEvent, appendAuditEntry, auditSummaries, keys, transact, lockUser, now }: RepositoryOptions,
): TransactionalAggregateRepository<State, Event> {
  const { stateSchema, find, findAll, evolve, checkQuotas, save, explainError } = storage;
  const findChanges = storage.findChanges ?? findChangedFields;
  /** What the audit trail records of an accepted command, except for its outcome. */
  const describe = (name: string, { id, role, device, address }: CommandCaller, state: State) => ({
    action: name,
    role,
    actor: id,
    ...(device !== undefined && { device }),
    address: address ?? null,
    userId: state.userId,
    subject: state.id,
  });
  return {
    async execute({ name, id, caller, userId, decide, key }) {
      const users = userId === undefined ? getWorkUsers(caller) : [userId];
      const findEarlier = async () => {
        const earlier = key && (await keys.find(key));
        // The key's fingerprint includes the command's name, so the stored state is of this repository's type.
        return earlier?.kind === 'saved'
          ? { ...earlier, state: stateSchema.parse(earlier.state), isUnchanged: true }
          : earlier;
      };
      const work = async () => {
        let earlier = await findEarlier();
        if (earlier) return earlier;
        const cause = { now: now(), actor: caller };
        /** @returns whether what was read may have changed */
        const lock = (user: string) => !users.includes(user) && lockUser(user);
        let before = await find(id);
        if (before && (await lock(before.userId))) {
          // The same command may have ended on another instance meanwhile.
          earlier = await findEarlier();
          if (earlier) return earlier;
          before = await find(id);
        }
        let state = before;
        const decision = await decide(state, { caller, now: cause.now });
        if (decision.kind === 'rejected') return decision;
        for (const event of decision.events) {
          const next = evolve(state, event);
          // Nobody else has the id of a new aggregate, so only its user is locked late.
          if (!state && (await lock(next.userId))) {
            earlier = await findEarlier();
            if (earlier) return earlier;
          }
          const exceeded = await checkQuotas?.(next, state, cause);
          if (exceeded) throw new QuotaRejectionError(exceeded);
          appendEvent(event, next.updatedAt, caller);
          await save(next, state, cause);
          state = next;
        }
        if (!state) throw new Error(`The command accepted ${id}, which does not exist, without an event.`);
        const isUnchanged = state === before;
        if (!isUnchanged) {
          const attempt = describe(name, caller, state);
          const change = findChanges(before, state);
          appendAuditEntry({ ...attempt, ...change, outcome: ACCEPTED_OUTCOME }, cause.now);
        }
        if (key) await keys.store(key, state, cause.now);
        return { kind: 'saved' as const, state, isUnchanged };
      };
      try {
        const outcome = await transact(work, { owner: getWorkOwner(caller), users });
        if (outcome.kind === 'rejected') return outcome;
        const { isUnchanged, ...saved } = outcome;
        // Not inside the transaction, which may run again.
        if (isUnchanged)
          auditSummaries.record({ ...describe(name, caller, saved.state), outcome: UNCHANGED_OUTCOME });
        return saved;
      } catch (error) {
        const rejection = error instanceof QuotaRejectionError ? error.rejection : explainError?.(error);
        if (!rejection) throw error;
        return rejection;
      }
    },

    async findByIds(ids) {
      const found = new Map((await findAll(ids)).map((state) => [state.id, state]));
      return ids.map((id) => found.get(id));
    },
  };
}
