import {
  formatInstant,
  ALARM_KINDS,
  type AlarmEvent,
  type AlarmKind,
  type AlarmState,
  type Severity,
} from '@seguridad-abc/contracts';
import {
  describeAlarm,
  describeAlarmRetraction,
  findAlarmsOfInterval,
  type DueAlarm,
  type OpeningInterval,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import { getLaterInstant } from './decision.js';

/** An alarm as monitoring stores it: its public state, and what its next evaluation needs. */
export interface AlarmRecord extends AlarmState {
  readonly openingId: number;
  /** The `OPEN` reading that starts the alarm's interval. */
  readonly startId: string;
  /** Why the alarm was raised: `reason` without a retraction. */
  readonly cause: string;
}

/** A new version of an alarm, with the event that it makes. */
export interface EvaluatedAlarmChange {
  readonly type: AlarmEvent['type'];
  readonly alarm: AlarmRecord;
}

/** A rule as the evaluation of one interval needs it. */
export interface EvaluatedRule {
  readonly id: string;
  readonly userId: string;
  readonly opening: string;
  readonly openingId: number;
  /** The versions that hold at any time of the interval, in order. */
  readonly versions: readonly RuleVersion[];
  /** The rule's present severity. A function, because only a raised alarm needs it. */
  readonly getSeverity: () => Severity;
  /** The rule's present time zone. A function, because only a retracted alarm needs it. */
  readonly getTimeZone: () => string;
}

export interface EvaluationOptions {
  /** The server's instant. */
  readonly now: string;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
  readonly deriveAlarmId: (ruleId: string, kind: AlarmKind, startId: string) => string;
}

export interface IntervalEvaluation {
  readonly alarmChanges: readonly EvaluatedAlarmChange[];
  /** The instant at which the next alarm is due if the interval lasts until then. `undefined` if no alarm can follow. */
  readonly nextDueAt: number | undefined;
}

/**
 * Evaluates an interval under one rule: updates its stored alarms, and raises those that are due. The semantics are in
 * docs/evaluation.md.
 * @param stored the stored alarms of this rule and interval
 */
export function evaluateInterval(
  rule: EvaluatedRule,
  interval: OpeningInterval,
  stored: readonly AlarmRecord[],
  options: EvaluationOptions,
): IntervalEvaluation {
  const alarmChanges = stored.flatMap(
    (alarm) => updateAlarm(alarm, interval, options.now, rule.getTimeZone) ?? [],
  );
  if (stored.length === ALARM_KINDS.length) return { alarmChanges, nextDueAt: undefined };
  const latestMs = Date.parse(options.now) - options.latenessAllowanceMs;
  let nextDueAt: number | undefined;
  for (const due of findAlarmsOfInterval(rule.versions, interval)) {
    if (stored.some(({ kind }) => kind === due.kind)) continue;
    if (interval.endedAt !== null || due.at <= latestMs) {
      alarmChanges.push({ type: 'AlarmRaised', alarm: createAlarm(rule, interval, due, options) });
    } else {
      nextDueAt = Math.min(due.at, nextDueAt ?? due.at);
    }
  }
  return { alarmChanges, nextDueAt };
}

/**
 * Derives the next version of a stored alarm after its interval changed. The instant at which it was due is final: it
 * follows from the reading that starts the interval and from the rule as it was then. Only one question is open: does the
 * interval still reach that instant?
 * @param interval the interval that starts with the alarm's reading; undefined if the reading starts none any more
 * @param now the server's instant
 * @param getTimeZone the zone in which the reason of a retraction shows wall-clock times
 * @returns undefined if nothing changes
 */
export function updateAlarm(
  alarm: AlarmRecord,
  interval: OpeningInterval | undefined,
  now: string,
  getTimeZone: () => string,
): EvaluatedAlarmChange | undefined {
  const createTransition = (
    type: AlarmEvent['type'],
    changes: Partial<AlarmRecord>,
  ): EvaluatedAlarmChange => ({
    type,
    alarm: {
      ...alarm,
      ...changes,
      updatedAt: getLaterInstant(now, alarm.updatedAt),
      version: alarm.version + 1,
    },
  });

  const raisedAt = Date.parse(alarm.raisedAt);
  if (!interval || (interval.endedAt !== null && interval.endedAt <= raisedAt)) {
    if (alarm.status === 'RETRACTED') return undefined;
    const retraction = describeAlarmRetraction(raisedAt, interval?.endedAt ?? undefined, getTimeZone());
    return createTransition('AlarmRetracted', {
      status: 'RETRACTED',
      reason: `${alarm.cause}; ${retraction}`,
    });
  }
  const present = deriveStatus(interval.endedAt);
  if (alarm.status === present.status && alarm.clearedAt === present.clearedAt) return undefined;
  if (alarm.status === 'RETRACTED') {
    return createTransition('AlarmRaised', { ...present, reason: alarm.cause });
  }
  const isCleared = alarm.status === 'ACTIVE' && present.status === 'CLEARED';
  return createTransition(isCleared ? 'AlarmCleared' : 'AlarmUpdated', present);
}

function createAlarm(
  { id: ruleId, userId, opening, openingId, versions, getSeverity }: EvaluatedRule,
  { startId, startedAt, endedAt }: OpeningInterval,
  due: DueAlarm,
  { now, deriveAlarmId }: EvaluationOptions,
): AlarmRecord {
  const version = versions[due.versionIndex];
  const cause = version ? describeAlarm(version, due, { startId, startedAt, endedAt }) : '';
  return {
    id: deriveAlarmId(ruleId, due.kind, startId),
    ruleId,
    userId,
    opening,
    openingId,
    startId,
    kind: due.kind,
    severity: getSeverity(),
    ...deriveStatus(endedAt),
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

/** The status of an alarm that is due. @param endedAt the end of its interval */
const deriveStatus = (endedAt: number | null): Pick<AlarmRecord, 'status' | 'clearedAt'> =>
  endedAt === null
    ? { status: 'ACTIVE', clearedAt: null }
    : { status: 'CLEARED', clearedAt: formatInstant(endedAt) };
