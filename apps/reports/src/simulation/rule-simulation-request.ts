import type { Actor, InputFault, RuleConditions } from '@seguridad-abc/contracts';
import {
  checkInstant,
  checkOwnerUserId,
  checkRuleConditions,
  checkText,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  MAX_OPENING_NAME_LENGTH,
  type InputCheckResult,
  type RuleConditionsInput,
} from '@seguridad-abc/evaluation';

const MAX_PERIOD_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** The arguments of `simulateRule` as a client sends them. */
export interface RuleSimulationArgs {
  readonly rule: RuleConditionsInput & {
    readonly userId?: string | null | undefined;
    readonly opening: string;
  };
  readonly from: string;
  readonly to: string;
}

/** A valid simulation: a rule that is not saved, and the period `[from, to)` in which it holds. */
export interface RuleSimulationRequest {
  readonly userId: string;
  readonly opening: string;
  /** Whether the calendar exists is not checked. */
  readonly conditions: RuleConditions;
  /** Instant. */
  readonly from: string;
  /** Instant. */
  readonly to: string;
}

/** Checks a simulation. The rule passes the same checks as in `createRule`. */
export function checkRuleSimulation(
  { rule, from, to }: RuleSimulationArgs,
  caller: Actor,
): InputCheckResult<RuleSimulationRequest> {
  const checkedRule = combineCheckResults<Pick<RuleSimulationRequest, 'userId' | 'opening' | 'conditions'>>({
    userId: checkOwnerUserId(caller, rule.userId),
    opening: checkText('opening', rule.opening, MAX_OPENING_NAME_LENGTH),
    conditions: checkRuleConditions(rule),
  });
  const period = checkPeriod(from, to);
  if ('value' in checkedRule && 'value' in period)
    return createValidResult({ ...checkedRule.value, ...period.value });
  const ruleFaults = 'faults' in checkedRule ? checkedRule.faults : [];
  return {
    faults: [
      ...ruleFaults.map((fault) => ({ ...fault, path: ['rule', ...fault.path] })),
      ...('faults' in period ? period.faults : []),
    ],
  };
}

/** The fault of a simulation whose calendar does not exist, is deleted, or belongs to another user. */
export const UNKNOWN_CALENDAR_FAULT: InputFault = {
  path: ['rule', 'calendarId'],
  code: 'NOT_FOUND',
  message: 'The user has no calendar with this id.',
};

type SimulationPeriod = Pick<RuleSimulationRequest, 'from' | 'to'>;

function checkPeriod(from: string, to: string): InputCheckResult<SimulationPeriod> {
  const period = combineCheckResults<SimulationPeriod>({
    from: checkInstant('from', from),
    to: checkInstant('to', to),
  });
  if ('faults' in period) return period;
  const lengthMs = Date.parse(period.value.to) - Date.parse(period.value.from);
  if (lengthMs < 0) return createInvalidResult(['to'], 'OUT_OF_RANGE', 'to must not be before from.');
  if (lengthMs > MAX_PERIOD_DAYS * DAY_MS)
    return createInvalidResult(
      ['to'],
      'OUT_OF_RANGE',
      `to must be at most ${MAX_PERIOD_DAYS} days after from.`,
    );
  return period;
}
