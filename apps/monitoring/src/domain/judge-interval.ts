import { ALARM_KINDS, type AlarmKind, type Severity } from '@seguridad-abc/contracts';
import {
  findDueAlarms,
  formatInstant,
  describeAlarm,
  type DueAlarm,
  type OpenInterval,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import type { AlarmRecord } from './alarm-record.js';
import { reviewAlarm, statusIn, type AlarmChange } from './review-alarm.js';

/** A rule as it concerns one interval. */
export interface JudgingRule {
  readonly id: string;
  readonly userId: string;
  readonly opening: string;
  readonly openingId: number;
  /** Those that hold at any time of the interval, in order. */
  readonly versions: readonly RuleVersion[];
  /** The rule's present ones; asked for where an alarm is raised, or retracted. */
  readonly severity: () => Severity;
  readonly timeZone: () => string;
}

export interface Judging {
  /** The server's instant. */
  readonly now: string;
  /** An alarm is held back so long while its interval is open, in milliseconds. */
  readonly allowanceMs: number;
  readonly alarmId: (ruleId: string, kind: AlarmKind, startId: string) => string;
}

export interface Judgement {
  readonly changes: readonly AlarmChange[];
  /** The next alarm is due then if the opening is still open; undefined where none is. */
  readonly pending: number | undefined;
}

/**
 * Judges an interval by a rule.
 * @param present the alarms on record of this rule and interval
 */
export function judgeInterval(
  rule: JudgingRule,
  interval: OpenInterval,
  present: readonly AlarmRecord[],
  judging: Judging,
): Judgement {
  const changes = present.flatMap((alarm) => reviewAlarm(alarm, interval, judging.now, rule.timeZone) ?? []);
  if (present.length === ALARM_KINDS.length) return { changes, pending: undefined };
  const latest = Date.parse(judging.now) - judging.allowanceMs;
  let pending: number | undefined;
  for (const due of findDueAlarms(rule.versions, interval)) {
    if (present.some(({ kind }) => kind === due.kind)) continue;
    if (interval.endedAt !== null || due.at <= latest) {
      changes.push({ type: 'AlarmRaised', alarm: raise(rule, interval, due, judging) });
    } else {
      pending = Math.min(due.at, pending ?? due.at);
    }
  }
  return { changes, pending };
}

function raise(
  { id: ruleId, userId, opening, openingId, versions, severity }: JudgingRule,
  interval: OpenInterval,
  due: DueAlarm,
  { now, alarmId }: Judging,
): AlarmRecord {
  const { startId, endedAt } = interval;
  const version = versions[due.version];
  const cause = version ? describeAlarm(version, due, interval) : '';
  return {
    id: alarmId(ruleId, due.kind, startId),
    ruleId,
    userId,
    opening,
    openingId,
    startId,
    kind: due.kind,
    severity: severity(),
    ...statusIn(endedAt),
    raisedAt: formatInstant(due.at),
    acknowledgedAt: null,
    acknowledgedBy: null,
    note: null,
    cause,
    reason: cause,
    updatedAt: now,
    version: 1,
  };
}
