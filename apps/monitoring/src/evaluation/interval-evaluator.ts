import { alarmStateSchema, pickFields, type AlarmKind, type RuleState } from '@seguridad-abc/contracts';
import type { OpeningInterval, RuleVersion } from '@seguridad-abc/evaluation';
import { v5 as uuidv5 } from 'uuid';
import type { AlarmTableAccess } from '../alarms/alarm-tables.js';
import type { AppendEvent } from '../db/outbox.js';
import type { EventCause } from '../domain/decision.js';
import {
  evaluateInterval,
  updateAlarm,
  type AlarmRecord,
  type EvaluatedAlarmChange,
} from '../domain/interval-evaluation.js';
import type { OpeningRecord } from '../readings/opening-tables.js';
import type { EvaluateChanges } from '../readings/sqlite-reading-repository.js';
import type { RuleTableAccess } from '../rules/rule-tables.js';

/**
 * Evaluates stored intervals: saves new versions of alarms with their events, and the pending alarms. Every call belongs
 * inside a transaction.
 */
export interface IntervalEvaluator {
  /** Evaluates the changed intervals of an opening under all of its rules. */
  readonly evaluateChanges: EvaluateChanges;
  /** Evaluates intervals of an opening under one of its rules. @param intervals in order */
  evaluateRule(
    opening: OpeningRecord,
    ruleId: string,
    intervals: readonly OpeningInterval[],
    cause: EventCause,
  ): void;
}

export interface IntervalEvaluatorOptions {
  readonly alarmTables: AlarmTableAccess;
  readonly ruleTables: Pick<RuleTableAccess, 'rules' | 'versions'>;
  readonly appendEvent: AppendEvent;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
}

export function createIntervalEvaluator(options: IntervalEvaluatorOptions): IntervalEvaluator {
  const { alarmTables, ruleTables, appendEvent, latenessAllowanceMs } = options;
  const { alarms, pendingAlarms } = alarmTables;
  const { rules, versions } = ruleTables;

  const save = ({ type, alarm }: EvaluatedAlarmChange, { actor }: EventCause) => {
    alarms.upsert(alarm);
    const data = { alarm: pickFields(alarmStateSchema, alarm) };
    appendEvent({ type, version: 1, data }, alarm.updatedAt, actor);
  };

  const getRule = (id: string): RuleState => {
    const rule = rules.findById(id);
    if (!rule) throw new Error(`The rule ${id} has versions or alarms, but is not stored.`);
    return rule;
  };

  /** @returns the instant at which the next alarm is due */
  const evaluateOne = (
    opening: OpeningRecord,
    ruleId: string,
    versionsOfRule: readonly RuleVersion[],
    interval: OpeningInterval,
    stored: readonly AlarmRecord[],
    cause: EventCause,
  ): number | undefined => {
    const rule = {
      id: ruleId,
      userId: opening.userId,
      opening: opening.name,
      openingId: opening.id,
      versions: versionsOfRule,
      getSeverity: () => getRule(ruleId).severity,
      getTimeZone: () => getRule(ruleId).timeZone,
    };
    const { alarmChanges, nextDueAt } = evaluateInterval(rule, interval, stored, {
      now: cause.now,
      latenessAllowanceMs,
      deriveAlarmId,
    });
    for (const transition of alarmChanges) save(transition, cause);
    return nextDueAt;
  };

  const updateAlarmsOfRemoved = (opening: OpeningRecord, startId: string, cause: EventCause) => {
    for (const alarm of alarms.findByInterval(opening.id, startId)) {
      const transition = updateAlarm(alarm, undefined, cause.now, () => getRule(alarm.ruleId).timeZone);
      if (transition) save(transition, cause);
    }
  };

  return {
    evaluateChanges(opening, { put, removed, state }, cause) {
      const [first] = put;
      const last = put.at(-1);
      // Alarms are pending for the open interval only. It has ended, or another one is open now.
      if (state === 'CLOSED' || last?.endedAt === null) pendingAlarms.removeByOpening(opening.id);
      for (const startId of removed) updateAlarmsOfRemoved(opening, startId, cause);
      if (!first) return;
      const versionsByRule = versions.findByOpening(opening.id, first.startedAt, last?.endedAt ?? null);
      for (const interval of put) {
        const storedByRule = groupByRule(alarms.findByInterval(opening.id, interval.startId));
        for (const ruleId of new Set([...versionsByRule.keys(), ...storedByRule.keys()])) {
          const ofRule = versionsByRule.get(ruleId) ?? [];
          const stored = storedByRule.get(ruleId) ?? [];
          const dueAt = evaluateOne(opening, ruleId, ofRule, interval, stored, cause);
          if (dueAt !== undefined) pendingAlarms.set(opening.id, ruleId, dueAt);
        }
      }
    },

    evaluateRule(opening, ruleId, intervals, cause) {
      const [first] = intervals;
      if (!first) return;
      const ofRule = versions.findByRule(ruleId, first.startedAt, intervals.at(-1)?.endedAt ?? null);
      for (const interval of intervals) {
        const stored = alarms
          .findByInterval(opening.id, interval.startId)
          .filter((alarm) => alarm.ruleId === ruleId);
        const dueAt = evaluateOne(opening, ruleId, ofRule, interval, stored, cause);
        if (interval.endedAt === null) pendingAlarms.set(opening.id, ruleId, dueAt);
      }
    },
  };
}

/** The namespace of alarm ids (RFC 9562, UUID version 5). */
const ALARM_ID_NAMESPACE = 'b7a44a1c-6a2b-5a0e-9c55-3d3a1f0e7d21';

/**
 * Derives the id of an alarm, so that a repeated evaluation finds the same alarm. A rule has one opening, so its id also
 * identifies the opening of the reading.
 */
export const deriveAlarmId = (ruleId: string, kind: AlarmKind, startId: string): string =>
  uuidv5(JSON.stringify([ruleId, kind, startId]), ALARM_ID_NAMESPACE);

function groupByRule(alarms: readonly AlarmRecord[]): Map<string, AlarmRecord[]> {
  const byRule = new Map<string, AlarmRecord[]>();
  for (const alarm of alarms) byRule.set(alarm.ruleId, [...(byRule.get(alarm.ruleId) ?? []), alarm]);
  return byRule;
}
