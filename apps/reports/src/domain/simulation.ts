import type { Actor, RuleConditions } from '@seguridad-abc/contracts';
import {
  invalidValue,
  checkInstant,
  checkOwner,
  checkRuleConditions,
  checkText,
  combineChecks,
  validValue,
  MAX_OPENING_LENGTH,
  type CheckResult,
  type RuleConditionsInput,
} from '@seguridad-abc/evaluation';

const MAX_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** As a client gives it. */
export interface SimulationArgs {
  readonly rule: RuleConditionsInput & {
    readonly userId?: string | null | undefined;
    readonly opening: string;
  };
  readonly from: string;
  readonly to: string;
}

/** A rule that is not saved, and the time for which it is to be judged. */
export interface Simulation {
  readonly userId: string;
  readonly opening: string;
  readonly limits: RuleConditions;
  /** Instants. */
  readonly from: string;
  readonly to: string;
}

/** Judges the rule as `createRule` would. */
export function checkSimulation({ rule, from, to }: SimulationArgs, caller: Actor): CheckResult<Simulation> {
  const checked = combineChecks<Pick<Simulation, 'userId' | 'opening' | 'limits'>>({
    userId: checkOwner(caller, rule.userId),
    opening: checkText('opening', rule.opening, MAX_OPENING_LENGTH),
    limits: checkRuleConditions(rule),
  });
  const span = checkSpan(from, to);
  if ('value' in checked && 'value' in span) return validValue({ ...checked.value, ...span.value });
  const ruleFaults = 'faults' in checked ? checked.faults : [];
  return {
    faults: [
      ...ruleFaults.map((fault) => ({ ...fault, path: ['rule', ...fault.path] })),
      ...('faults' in span ? span.faults : []),
    ],
  };
}

function checkSpan(from: string, to: string): CheckResult<Pick<Simulation, 'from' | 'to'>> {
  const span = combineChecks<Pick<Simulation, 'from' | 'to'>>({
    from: checkInstant('from', from),
    to: checkInstant('to', to),
  });
  if ('faults' in span) return span;
  const ms = Date.parse(span.value.to) - Date.parse(span.value.from);
  if (ms < 0) return invalidValue(['to'], 'OUT_OF_RANGE', 'to must not be before from.');
  if (ms > MAX_DAYS * DAY_MS)
    return invalidValue(['to'], 'OUT_OF_RANGE', `to must be at most ${MAX_DAYS} days after from.`);
  return span;
}
