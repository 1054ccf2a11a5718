import type { ExceptionEvent, OpeningExceptionState } from '@seguridad-abc/contracts';
import {
  executeCommand,
  type IdempotentInput,
  type TransactionalAggregateRepository,
} from '../commands/execute-command.js';
import type { CommandCaller } from '../domain/decision.js';
import {
  decideCancelException,
  decideCreateException,
  type CancelExceptionCommand,
  type CreateExceptionCommand,
} from '../domain/exception-decisions.js';

export type ExceptionRepository = TransactionalAggregateRepository<OpeningExceptionState, ExceptionEvent>;

/** Each command resolves to the exception as it is saved, and throws an ExpectedError if it is rejected. */
export interface ExceptionCommands {
  createException(
    caller: CommandCaller,
    input: IdempotentInput<CreateExceptionCommand>,
  ): Promise<OpeningExceptionState>;
  cancelException(
    caller: CommandCaller,
    input: IdempotentInput<CancelExceptionCommand>,
  ): Promise<OpeningExceptionState>;
}

/** @param createId creates ids that sort by time and cannot be guessed */
export const createExceptionCommands = (
  exceptions: ExceptionRepository,
  createId: () => string,
): ExceptionCommands => ({
  createException(caller, input) {
    const id = createId();
    return executeCommand(exceptions, 'createException', input, {
      id,
      caller,
      userId: input.userId ?? caller.id,
      decide: (_, context) => decideCreateException(id, input, context),
    });
  },
  cancelException: (caller, input) =>
    executeCommand(exceptions, 'cancelException', input, {
      id: input.id,
      caller,
      decide: (exception, context) => decideCancelException(exception, context),
    }),
});
