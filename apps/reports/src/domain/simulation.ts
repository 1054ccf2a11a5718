import type { Actor, Weekday } from '@seguridad-abc/contracts';
import {
  invalidValue,
  checkDays,
  checkInstant,
  checkLocalTime,
  checkMaxOpenSeconds,
  checkOwner,
  checkText,
  checkTimeZone,
  checkRuleLimits,
  combineChecks,
  validValue,
  MAX_OPENING_LENGTH,
  type AllowedHours,
  type CheckResult,
  type InputFault,
} from '@seguridad-abc/evaluation';

const MAX_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** As a client gives it. */
export interface SimulationArgs {
  readonly rule: {
    readonly userId?: string | null | undefined;
    readonly opening: string;
    readonly opensAt?: string | null | undefined;
    readonly closesAt?: string | null | undefined;
    readonly days?: readonly Weekday[] | null | undefined;
    readonly timeZone: string;
    readonly maxOpenSeconds?: number | null | undefined;
  };
  readonly from: string;
  readonly to: string;
}

/** A rule that is not saved, and the time for which it is to be judged. */
export interface Simulation {
  readonly userId: string;
  readonly opening: string;
  readonly limits: AllowedHours & { readonly maxOpenSeconds: number | null };
  /** Instants. */
  readonly from: string;
  readonly to: string;
}

/** Judges the rule as `createRule` would. */
export function checkSimulation({ rule, from, to }: SimulationArgs, caller: Actor): CheckResult<Simulation> {
  const { opensAt = null, closesAt = null, days = null, maxOpenSeconds = null } = rule;
  const fields = combineChecks<Pick<Simulation, 'userId' | 'opening'> & Simulation['limits']>({
    userId: checkOwner(caller, rule.userId),
    opening: checkText('opening', rule.opening, MAX_OPENING_LENGTH),
    opensAt: checkLocalTime('opensAt', opensAt),
    closesAt: checkLocalTime('closesAt', closesAt),
    days: checkDays(days),
    timeZone: checkTimeZone(rule.timeZone),
    maxOpenSeconds: checkMaxOpenSeconds(maxOpenSeconds),
  });
  const limits = checkRuleLimits({ opensAt, closesAt, maxOpenSeconds });
  const span = checkSpan(from, to);
  const faults = [
    ...[...faultsOf(fields), ...limits].map((fault) => ({ ...fault, path: ['rule', ...fault.path] })),
    ...faultsOf(span),
  ];
  if ('faults' in fields || 'faults' in span || faults.length > 0) return { faults };
  const { userId, opening, ...rest } = fields.value;
  return validValue({ userId, opening, limits: rest, ...span.value });
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

const faultsOf = (checked: CheckResult<unknown>): readonly InputFault[] =>
  'faults' in checked ? checked.faults : [];
