import type { RuleEvent, RuleState } from '@seguridad-abc/contracts';
import {
  executeCommand,
  type TransactionalAggregateRepository,
  type IdempotentInput,
} from '../commands/execute-command.js';
import type { CommandCaller } from '../domain/decision.js';
import {
  decideCreateRule,
  decideDeleteRule,
  decideUpdateRule,
  type CalendarLookup,
  type CreateRuleCommand,
  type DeleteRuleCommand,
  type UpdateRuleCommand,
} from '../domain/rule-decisions.js';

/** Rejects a name that another rule of the same user and opening has (`CONFLICT`). */
export interface RuleRepository extends TransactionalAggregateRepository<RuleState, RuleEvent> {
  /** Whether a user has a calendar that is not deleted. To be called inside the transaction of a decision. */
  hasCalendar(userId: string, calendarId: string): Promise<boolean>;
}

/** Each command resolves to the rule as it is saved, and throws an ExpectedError if it is rejected. */
export interface RuleCommands {
  createRule(caller: CommandCaller, input: IdempotentInput<CreateRuleCommand>): Promise<RuleState>;
  updateRule(caller: CommandCaller, input: IdempotentInput<UpdateRuleCommand>): Promise<RuleState>;
  deleteRule(caller: CommandCaller, input: IdempotentInput<DeleteRuleCommand>): Promise<RuleState>;
}

/** @param createId creates ids that sort by time and cannot be guessed */
export function createRuleCommands(rules: RuleRepository, createId: () => string): RuleCommands {
  /** A decision is synchronous, so it is known before it whether the user has the calendar. */
  const findCalendar = async (
    userId: string | undefined,
    calendarId: string | null | undefined,
  ): Promise<CalendarLookup> => {
    const isNamed = userId !== undefined && calendarId !== null && calendarId !== undefined;
    const isFound = isNamed && (await rules.hasCalendar(userId, calendarId));
    return () => isFound;
  };

  return {
    createRule(caller, input) {
      const id = createId();
      const userId = input.userId ?? caller.id;
      return executeCommand(rules, 'createRule', input, {
        id,
        caller,
        userId,
        decide: async (_, context) =>
          decideCreateRule(id, input, await findCalendar(userId, input.calendarId), context),
      });
    },
    updateRule: (caller, input) =>
      executeCommand(rules, 'updateRule', input, {
        id: input.id,
        caller,
        decide: async (rule, context) =>
          decideUpdateRule(rule, input, await findCalendar(rule?.userId, input.calendarId), context),
      }),
    deleteRule: (caller, input) =>
      executeCommand(rules, 'deleteRule', input, {
        id: input.id,
        caller,
        decide: (rule, context) => decideDeleteRule(rule, input, context),
      }),
  };
}
