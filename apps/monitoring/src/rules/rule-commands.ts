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
  /** Whether a user has a calendar that is not deleted. To be called in a decision. */
  readonly hasCalendar: CalendarLookup;
}

/** Each command resolves to the rule as it is saved, and throws an ExpectedError if it is rejected. */
export interface RuleCommands {
  createRule(caller: CommandCaller, input: IdempotentInput<CreateRuleCommand>): Promise<RuleState>;
  updateRule(caller: CommandCaller, input: IdempotentInput<UpdateRuleCommand>): Promise<RuleState>;
  deleteRule(caller: CommandCaller, input: IdempotentInput<DeleteRuleCommand>): Promise<RuleState>;
}

/** @param createId creates ids that sort by time and cannot be guessed */
export const createRuleCommands = (rules: RuleRepository, createId: () => string): RuleCommands => ({
  createRule(caller, input) {
    const id = createId();
    return executeCommand(rules, 'createRule', input, {
      id,
      caller,
      decide: (_, context) => decideCreateRule(id, input, rules.hasCalendar, context),
    });
  },
  updateRule: (caller, input) =>
    executeCommand(rules, 'updateRule', input, {
      id: input.id,
      caller,
      decide: (rule, context) => decideUpdateRule(rule, input, rules.hasCalendar, context),
    }),
  deleteRule: (caller, input) =>
    executeCommand(rules, 'deleteRule', input, {
      id: input.id,
      caller,
      decide: (rule, context) => decideDeleteRule(rule, input, context),
    }),
});
