import {
  type Actor,
  type AlarmKind,
  type OpeningIntervalRecord,
  type RuleConditions,
  formatInstant,
} from '@seguridad-abc/contracts';
import {
  checkInstant,
  checkOwnerUserId,
  checkRuleConditions,
  checkText,
  combineCheckResults,
  findAlarmsOfInterval,
  createInvalidResult,
  MAX_OPENING_NAME_LENGTH,
  createValidResult,
  type InputCheckResult,
  type RuleConditionsInput,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import { createInputError, type RequestCaller } from '../access/caller-access.js';
import type { OpeningReader } from '../openings/opening-repository.js';

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
  readonly conditions: RuleConditions;
  /** Instant. */
  readonly from: string;
  /** Instant. */
  readonly to: string;
}

/** The effect that a rule would have had on the recorded intervals. */
export interface RuleSimulationResult {
  /** Ordered by `raisedAt`. */
  readonly alarms: SimulatedAlarm[];
  /** The number of intervals that start within the period. */
  readonly intervals: number;
  /** How long the opening was open within the period, in seconds. */
  readonly openSeconds: number;
}

/** An alarm that the simulated rule would have raised. */
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
export type RuleSimulator = (args: RuleSimulationArgs) => Promise<RuleSimulationResult>;

/** Intervals on which a rule is simulated before other requests get a turn. They take about 10 ms. */
const INTERVALS_PER_TURN = 500;

/** @param now returns the current instant in ms since 1970 */
export const createRuleSimulator =
  (
    openings: Pick<OpeningReader, 'findIntervals'>,
    { caller, budget }: Pick<RequestCaller, 'caller' | 'budget'>,
    now: () => number,
  ): RuleSimulator =>
  async (args) => {
    await budget.checkLifetime();
    const checked = checkRuleSimulation(args, caller);
    if ('faults' in checked) throw createInputError(checked.faults);
    const { userId, opening, from, to } = checked.value;
    const simulation = startRuleSimulation(checked.value, now());
    let after: string | undefined;
    for (;;) {
      // Simulations of one request take turns too: none of them starts before the budget allows it.
      await budget.takeTurn();
      const selection = { userId, opening, from, to, after, limit: INTERVALS_PER_TURN };
      const intervals = await openings.findIntervals(selection);
      // A simulation costs something even if the opening has no intervals.
      await budget.spendSimulatedIntervals(Math.max(intervals.length, MIN_INTERVALS_PER_STATEMENT));
      simulation.add(intervals);
      after = intervals.at(-1)?.startedAt;
      if (intervals.length < INTERVALS_PER_TURN) return simulation.getResult();
    }
  };

/** A statement costs as much as the simulation of this many intervals. */
const MIN_INTERVALS_PER_STATEMENT = 20;

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

/**
 * Computes the alarms that a rule would have raised if it had held in the period and at no other time.
 * @param intervals of the opening, those that overlap the period
 * @param now ms since 1970; alarms that are due later are omitted
 */
export function simulateRule(
  request: RuleSimulationRequest,
  intervals: readonly OpeningIntervalRecord[],
  now: number,
): RuleSimulationResult {
  const simulation = startRuleSimulation(request, now);
  simulation.add(intervals);
  return simulation.getResult();
}

/** A simulation that receives its intervals in several parts. */
interface RunningRuleSimulation {
  add(intervals: readonly OpeningIntervalRecord[]): void;
  getResult(): RuleSimulationResult;
}

function startRuleSimulation(
  { opening, conditions, from, to }: RuleSimulationRequest,
  now: number,
): RunningRuleSimulation {
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  // `until` is exclusive, and an alarm that is due exactly now is raised.
  const version: RuleVersion = { ...conditions, from: fromMs, until: Math.min(toMs, now + 1), enabled: true };
  const alarms: SimulatedAlarm[] = [];
  let openMs = 0;
  let count = 0;
  return {
    add(intervals) {
      for (const { startId, startedAt, endedAt } of intervals) {
        const interval = {
          startId,
          startedAt: Date.parse(startedAt),
          endedAt: endedAt === null ? null : Date.parse(endedAt),
        };
        openMs += Math.max(0, Math.min(interval.endedAt ?? now, toMs) - Math.max(interval.startedAt, fromMs));
        if (startedAt >= from) count++;
        for (const { kind, at } of findAlarmsOfInterval([version], interval)) {
          alarms.push({ kind, opening, raisedAt: formatInstant(at), clearedAt: endedAt });
        }
      }
    },
    getResult: () => ({
      alarms: alarms.sort(compareAlarms),
      intervals: count,
      openSeconds: Math.floor(openMs / 1_000),
    }),
  };
}

/** Orders alarms by instant, and those of one instant by kind. */
const compareAlarms = (a: SimulatedAlarm, b: SimulatedAlarm): number => {
  const [first, second] = [a.raisedAt + a.kind, b.raisedAt + b.kind];
  return first < second ? -1 : Number(first > second);
};
