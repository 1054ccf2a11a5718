import type { Actor, AlarmKind, IntervalRecord, Weekday } from '@seguridad-abc/contracts';
import {
  checkDays,
  checkInstant,
  checkLocalTime,
  checkMaxOpenSeconds,
  checkOwner,
  checkRuleLimits,
  checkText,
  checkTimeZone,
  combineChecks,
  findDueAlarms,
  formatInstant,
  invalidValue,
  MAX_OPENING_LENGTH,
  validValue,
  type AllowedHours,
  type CheckResult,
  type InputFault,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import { createInputError } from '../access/caller-access.js';
import type { OpeningRepository } from '../openings/opening-repository.js';

const MAX_PERIOD_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** The arguments of `simulateRule` as a client sends them. */
export interface RuleSimulationArgs {
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

/** A valid simulation: a rule that is not saved, and the period `[from, to)` in which it holds. */
export interface RuleSimulationRequest {
  readonly userId: string;
  readonly opening: string;
  readonly limits: AllowedHours & { readonly maxOpenSeconds: number | null };
  /** Instant. */
  readonly from: string;
  /** Instant. */
  readonly to: string;
}

export interface RuleSimulationResult {
  /** Ordered by `raisedAt`. */
  readonly alarms: SimulatedAlarm[];
  /** The number of intervals that start within the period. */
  readonly intervals: number;
  /** How long the opening was open within the period, in seconds. */
  readonly openSeconds: number;
}

export interface SimulatedAlarm {
  readonly kind: AlarmKind;
  readonly opening: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

/**
 * Simulates a rule on the recorded intervals.
 * @throws ExpectedError BAD_USER_INPUT with every fault; FORBIDDEN if the rule is for a user that the caller may not access
 */
export type SimulateRule = (args: RuleSimulationArgs) => Promise<RuleSimulationResult>;

/** @param now returns the current instant in ms since 1970 */
export const createSimulateRule =
  (openings: Pick<OpeningRepository, 'findIntervals'>, caller: Actor, now: () => number): SimulateRule =>
  async (args) => {
    const checked = checkRuleSimulation(args, caller);
    if ('faults' in checked) throw createInputError(checked.faults);
    const { userId, opening, from, to } = checked.value;
    const intervals = await openings.findIntervals(userId, opening, from, to);
    return simulateRule(checked.value, intervals, now());
  };

/** Checks a simulation. The rule follows the checks of `createRule`. */
export function checkRuleSimulation(
  { rule, from, to }: RuleSimulationArgs,
  caller: Actor,
): CheckResult<RuleSimulationRequest> {
  const { opensAt = null, closesAt = null, days = null, maxOpenSeconds = null } = rule;
  const fields = combineChecks<
    Pick<RuleSimulationRequest, 'userId' | 'opening'> & RuleSimulationRequest['limits']
  >({
    userId: checkOwner(caller, rule.userId),
    opening: checkText('opening', rule.opening, MAX_OPENING_LENGTH),
    opensAt: checkLocalTime('opensAt', opensAt),
    closesAt: checkLocalTime('closesAt', closesAt),
    days: checkDays(days),
    timeZone: checkTimeZone(rule.timeZone),
    maxOpenSeconds: checkMaxOpenSeconds(maxOpenSeconds),
  });
  const limitFaults = checkRuleLimits({ opensAt, closesAt, maxOpenSeconds });
  const period = checkPeriod(from, to);
  const faults = [
    ...[...getFaults(fields), ...limitFaults].map((fault) => ({ ...fault, path: ['rule', ...fault.path] })),
    ...getFaults(period),
  ];
  if ('faults' in fields || 'faults' in period || faults.length > 0) return { faults };
  const { userId, opening, ...limits } = fields.value;
  return validValue({ userId, opening, limits, ...period.value });
}

type SimulationPeriod = Pick<RuleSimulationRequest, 'from' | 'to'>;

function checkPeriod(from: string, to: string): CheckResult<SimulationPeriod> {
  const period = combineChecks<SimulationPeriod>({
    from: checkInstant('from', from),
    to: checkInstant('to', to),
  });
  if ('faults' in period) return period;
  const lengthMs = Date.parse(period.value.to) - Date.parse(period.value.from);
  if (lengthMs < 0) return invalidValue(['to'], 'OUT_OF_RANGE', 'to must not be before from.');
  if (lengthMs > MAX_PERIOD_DAYS * DAY_MS)
    return invalidValue(['to'], 'OUT_OF_RANGE', `to must be at most ${MAX_PERIOD_DAYS} days after from.`);
  return period;
}

const getFaults = (checked: CheckResult<unknown>): readonly InputFault[] =>
  'faults' in checked ? checked.faults : [];

/**
 * Computes the alarms that a rule would have raised if it had held in the period and at no other time.
 * @param intervals of the opening, those that overlap the period
 * @param now ms since 1970; alarms that are due later are omitted
 */
export function simulateRule(
  { opening, limits, from, to }: RuleSimulationRequest,
  intervals: readonly IntervalRecord[],
  now: number,
): RuleSimulationResult {
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  // `until` is exclusive, and an alarm that is due exactly now is raised.
  const version: RuleVersion = { ...limits, from: fromMs, until: Math.min(toMs, now + 1), enabled: true };
  const alarms: SimulatedAlarm[] = [];
  let openMs = 0;
  for (const { startId, startedAt, endedAt } of intervals) {
    const interval = {
      startId,
      startedAt: Date.parse(startedAt),
      endedAt: endedAt === null ? null : Date.parse(endedAt),
    };
    openMs += Math.max(0, Math.min(interval.endedAt ?? now, toMs) - Math.max(interval.startedAt, fromMs));
    for (const { kind, at } of findDueAlarms([version], interval)) {
      alarms.push({ kind, opening, raisedAt: formatInstant(at), clearedAt: endedAt });
    }
  }
  return {
    alarms: alarms.sort(compareAlarms),
    intervals: intervals.filter(({ startedAt }) => startedAt >= from).length,
    openSeconds: Math.floor(openMs / 1_000),
  };
}

/** Orders alarms by instant, and those of one instant by kind. */
const compareAlarms = (a: SimulatedAlarm, b: SimulatedAlarm): number => {
  const [first, second] = [a.raisedAt + a.kind, b.raisedAt + b.kind];
  return first < second ? -1 : Number(first > second);
};
