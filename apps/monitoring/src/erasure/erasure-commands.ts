import { checkOwnerUserId, combineCheckResults } from '@seguridad-abc/evaluation';
import {
  checkIdempotencyKey,
  toExpectedError,
  type IdempotencyKey,
  type IdempotentInput,
} from '../commands/execute-command.js';
import { rejectInput, rejectUnlessOperator, type CommandCaller } from '../domain/decision.js';
import type { StoredUserData } from './erasure-tables.js';
import { NOTHING_STORED, type UserErasures } from './user-erasures.js';

export interface EraseUserDataCommand {
  readonly userId: string;
}

/** The outcome of `eraseUserData`: what was stored of the user when the erasure was accepted. */
export interface ErasedUserData extends StoredUserData {
  /** False: nothing is stored of the user. */
  readonly erased: boolean;
  /** What names the user in the event log and the audit trail from now on; null if nothing is erased. */
  readonly pseudonym: string | null;
  /** Whether nothing of the user is left anywhere. */
  readonly complete: boolean;
}

export interface ErasureCommands {
  /**
   * Erases everything that is stored of a user. Resolves when the event `UserErased` is in the log, so that the consistency
   * token of the response covers the erasure of the read model.
   * @throws ExpectedError FORBIDDEN unless the caller is an operator; BAD_USER_INPUT; CONFLICT
   */
  eraseUserData(caller: CommandCaller, input: IdempotentInput<EraseUserDataCommand>): Promise<ErasedUserData>;
}

/** How long a command waits for the end of an erasure after its event. The erasure continues afterwards. */
const COMPLETION_WAIT_MS = 1_000;

export const createErasureCommands = (erasures: Pick<UserErasures, 'request'>): ErasureCommands => ({
  async eraseUserData(caller, input) {
    const forbidden = rejectUnlessOperator(
      caller,
      "Only an operator may erase a user's data. Ask one to do it.",
    );
    if (forbidden) throw toExpectedError(forbidden);
    const checked = combineCheckResults<{ userId: string; key: IdempotencyKey | undefined }>({
      userId: checkOwnerUserId(caller, input.userId),
      key: checkIdempotencyKey(caller, 'eraseUserData', input),
    });
    if ('faults' in checked) throw toExpectedError(rejectInput(checked.faults));
    const { userId, key } = checked.value;
    const outcome = await erasures.request(caller, userId, key);
    if (outcome.kind === 'rejected') throw toExpectedError(outcome);
    if (outcome.kind === 'nothingStored')
      return { erased: false, pseudonym: null, ...NOTHING_STORED, complete: true };
    const { pseudonym, rules, calendars, exceptions, openings, devices } = outcome;
    await outcome.fenced;
    const complete = await outcome.waitUntilComplete(COMPLETION_WAIT_MS);
    return { erased: true, pseudonym, rules, calendars, exceptions, openings, devices, complete };
  },
});
