import type { AlarmKind, IntervalRecord } from '@seguridad-abc/contracts';
import { findDueAlarms, formatInstant, type RuleVersion } from '@seguridad-abc/evaluation';
import type { Simulation } from './simulation.js';

export interface SimulatedAlarm {
  readonly kind: AlarmKind;
  readonly opening: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

export interface RuleSimulation {
  /** In the order of `raisedAt`. */
  readonly alarms: SimulatedAlarm[];
  /** Those that start in the time that was asked for. */
  readonly intervals: number;
  /** Within the time that was asked for. */
  readonly openSeconds: number;
}

/**
 * What a rule would have raised, had it held from `from` up to `to` and never at another time.
 * @param intervals of the opening, those that reach into that time
 * @param now ms since 1970: what is still to come has raised nothing
 */
export function simulate(
  { opening, limits, from, to }: Simulation,
  intervals: readonly IntervalRecord[],
  now: number,
): RuleSimulation {
  const begin = Date.parse(from);
  const end = Date.parse(to);
  // What is due now is raised.
  const version: RuleVersion = { ...limits, from: begin, until: Math.min(end, now + 1), enabled: true };
  const alarms: SimulatedAlarm[] = [];
  let openMs = 0;
  for (const { startId, startedAt, endedAt } of intervals) {
    const interval = {
      startId,
      startedAt: Date.parse(startedAt),
      endedAt: endedAt === null ? null : Date.parse(endedAt),
    };
    openMs += Math.max(0, Math.min(interval.endedAt ?? now, end) - Math.max(interval.startedAt, begin));
    for (const { kind, at } of findDueAlarms([version], interval)) {
      alarms.push({ kind, opening, raisedAt: formatInstant(at), clearedAt: endedAt });
    }
  }
  return {
    alarms: alarms.sort(inOrder),
    intervals: intervals.filter(({ startedAt }) => startedAt >= from).length,
    openSeconds: Math.floor(openMs / 1_000),
  };
}

const inOrder = (a: SimulatedAlarm, b: SimulatedAlarm): number => {
  const [first, second] = [a.raisedAt + a.kind, b.raisedAt + b.kind];
  return first < second ? -1 : Number(first > second);
};
