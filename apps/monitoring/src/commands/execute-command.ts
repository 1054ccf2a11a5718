import { createHash } from 'node:crypto';
import type { Actor } from '@seguridad-abc/contracts';
import {
  checkClientChosenId,
  checkEntityId,
  createValidResult,
  type InputCheckResult,
} from '@seguridad-abc/evaluation';
import { createBadUserInputError, ExpectedError, toCanonicalJson } from '@seguridad-abc/platform';
import {
  addInputFaults,
  rejectInput,
  type CommandCaller,
  type CommandContext,
  type Decision,
  type Rejection,
} from '../domain/decision.js';

export const MAX_IDEMPOTENCY_KEY_LENGTH = 200;

/** Reads the server's clock, which says when a command happens: an instant in UTC with milliseconds. */
export const readServerInstant = (): string => new Date().toISOString();

/** Identifies a command that a client may send again. */
export interface IdempotencyKey {
  /** Role and id of the caller: keys of two callers are unrelated. */
  readonly caller: string;
  /** The caller's `clientMutationId`. */
  readonly key: string;
  /** A hash of the command's name and input. The same key with another fingerprint is a conflict. */
  readonly fingerprint: string;
}

/** The input of a command with its optional idempotency key. */
export type IdempotentInput<Input> = Input & { readonly clientMutationId?: string | null | undefined };

/** A command on one aggregate (a rule or an alarm). */
export interface AggregateCommand<State, Event> {
  /** The mutation's name, for the audit trail. */
  readonly name: string;
  readonly id: string;
  readonly caller: CommandCaller;
  /** The user to whom a new aggregate will belong. Undefined: the command is for a stored aggregate, of its user. */
  readonly userId?: string | undefined;
  /**
   * Runs inside the transaction, on the stored state if there is one. It may read what a pure decision needs to know, with
   * statements of the transaction.
   */
  readonly decide: (
    state: State | undefined,
    context: CommandContext,
  ) => Decision<Event> | Promise<Decision<Event>>;
  readonly key?: IdempotencyKey | undefined;
}

/** Stores aggregates of one kind. */
export interface TransactionalAggregateRepository<State, Event> {
  /**
   * Decides and saves in one transaction: new state, events in the outbox, consequences for alarms, and the key. A result
   * with a state is durable. A key that is known changes nothing and returns the first result.
   */
  execute(
    command: AggregateCommand<State, Event>,
  ): Promise<{ readonly kind: 'saved'; readonly state: State } | Rejection>;
  /** Finds aggregates in the order of the ids; deleted ones too. */
  findByIds(ids: readonly string[]): Promise<(State | undefined)[]>;
}

/**
 * Executes a command on one aggregate, at most once per idempotency key.
 * @param name the mutation's name, part of the key's fingerprint
 * @returns the state after the command
 * @throws ExpectedError with the rejection's code and faults
 */
export async function executeCommand<State, Event>(
  repository: TransactionalAggregateRepository<State, Event>,
  name: string,
  input: IdempotentInput<object>,
  { id, caller, userId, decide }: Omit<AggregateCommand<State, Event>, 'key' | 'name'>,
): Promise<State> {
  const checkedId = checkEntityId('id', id);
  if ('faults' in checkedId) throw toExpectedError(rejectInput(checkedId.faults));
  const checked = checkIdempotencyKey(caller, name, input);
  const result = await repository.execute(
    'faults' in checked
      ? // The decision still runs, so that the client learns all faults at once.
        {
          name,
          id,
          caller,
          userId,
          decide: async (state, context) => addInputFaults(await decide(state, context), checked.faults),
        }
      : { name, id, caller, userId, decide, key: checked.value },
  );
  if (result.kind === 'rejected') throw toExpectedError(result);
  return result.state;
}

/** The error that a client receives for a rejected command. */
export function toExpectedError({ code, faults, details }: Rejection): ExpectedError {
  if (code === 'BAD_USER_INPUT') return createBadUserInputError(faults);
  const message = faults.map((fault) => fault.message).join(' ');
  return new ExpectedError(code, message, { faults, ...details });
}

/**
 * Checks the `clientMutationId` of a command.
 * @param command the mutation's name, part of the key's fingerprint
 * @returns undefined as value if the command has none
 */
export function checkIdempotencyKey(
  { id, role }: Actor,
  command: string,
  { clientMutationId, ...input }: IdempotentInput<object>,
): InputCheckResult<IdempotencyKey | undefined> {
  if (clientMutationId === null || clientMutationId === undefined) return createValidResult(undefined);
  const checked = checkClientChosenId('clientMutationId', clientMutationId, MAX_IDEMPOTENCY_KEY_LENGTH);
  if ('faults' in checked) return checked;
  const fingerprint = createHash('sha256')
    .update(toCanonicalJson([command, input]))
    .digest('base64url');
  return createValidResult({ caller: `${role}:${id}`, key: checked.value, fingerprint });
}
