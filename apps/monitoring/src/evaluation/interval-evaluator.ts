import { alarmStateSchema, pickFields, type AlarmKind, type RuleState } from '@seguridad-abc/contracts';
import type { OpeningInterval, RuleVersion } from '@seguridad-abc/evaluation';
import { v5 as uuidv5 } from 'uuid';
import type { AlarmTableAccess } from '../alarms/sqlite-alarm-repository.js';
import type { AppendEvent } from '../db/outbox.js';
import type { EventCause } from '../domain/decision.js';
import {
  evaluateInterval,
  updateAlarm,
  type AlarmRecord,
  type EvaluatedAlarmChange,
} from '../domain/interval-evaluation.js';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import { deriveRuleVersionChange } from '../domain/rule-decisions.js';
import { ALARM_CHANGE_COST_US, RULE_EVALUATION_COST_US, type WorkBudget } from '../domain/work-budget.js';
import type { OpeningRecord, OpeningTableAccess } from '../readings/opening-tables.js';
import type { ChangedIntervalEvaluator } from '../readings/sqlite-reading-repository.js';
import type { RuleTableAccess, ApplyRuleChange } from '../rules/sqlite-rule-repository.js';

/**
 * Evaluates stored intervals: saves new versions of alarms with their events, and the pending alarms. Every call belongs
 * inside a transaction.
 */
export interface IntervalEvaluator extends ChangedIntervalEvaluator {
  /**
   * Evaluates intervals of an opening under one of its rules, except those that a command in progress has changed: it evaluates
   * them under all rules when their readings are complete.
   * @param intervals in order
   */
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
  readonly openingTables: Pick<OpeningTableAccess, 'unevaluated'>;
  readonly appendEvent: AppendEvent;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
  /** Intervals that ended before it are not evaluated. */
  readonly horizon: Pick<HistoryHorizon, 'beforeMs'>;
}

export function createIntervalEvaluator(options: IntervalEvaluatorOptions): IntervalEvaluator {
  const { alarmTables, ruleTables, appendEvent, latenessAllowanceMs } = options;
  const { alarms, pendingAlarms } = alarmTables;
  const { rules, versions } = ruleTables;
  const { unevaluated } = options.openingTables;
  /** What ended before the horizon is removed, with its alarms. They must not be raised again. */
  const isRemovedHistory = ({ endedAt }: OpeningInterval) =>
    endedAt !== null && endedAt < options.horizon.beforeMs;

  const save = ({ type, alarm }: EvaluatedAlarmChange, { actor }: EventCause, budget?: WorkBudget) => {
    budget?.spend(ALARM_CHANGE_COST_US);
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
    budget?: WorkBudget,
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
    budget?.spend(RULE_EVALUATION_COST_US);
    for (const transition of alarmChanges) save(transition, cause, budget);
    return nextDueAt;
  };

  const updateAlarmsOfRemoved = (
    opening: OpeningRecord,
    startId: string,
    cause: EventCause,
    budget: WorkBudget,
  ) => {
    for (const alarm of alarms.findByInterval(opening.id, startId)) {
      const transition = updateAlarm(alarm, undefined, cause.now, () => getRule(alarm.ruleId).timeZone);
      if (transition) save(transition, cause, budget);
    }
  };

  return {
    forgetPendingAlarms({ id }, { put, state }) {
      // Alarms are pending for the open interval only. It has ended, or another one is open now.
      if (state === 'CLOSED' || put.at(-1)?.endedAt === null) pendingAlarms.removeByOpening(id);
    },

    evaluateChanges(opening, { put, removed }, cause, budget) {
      let removedDone = 0;
      for (const { startId } of removed) {
        if (budget.isSpent) return { put, removed: removed.slice(removedDone) };
        updateAlarmsOfRemoved(opening, startId, cause, budget);
        removedDone++;
      }
      const [first] = put;
      if (!first) return NO_INTERVALS;
      const versionsByRule = versions.findByOpening(opening.id, first.startedAt, put.at(-1)?.endedAt ?? null);
      let putDone = 0;
      for (const interval of put) {
        if (budget.isSpent) return { put: put.slice(putDone), removed: [] };
        putDone++;
        if (isRemovedHistory(interval)) continue;
        const storedByRule = groupByRule(alarms.findByInterval(opening.id, interval.startId));
        for (const ruleId of new Set([...versionsByRule.keys(), ...storedByRule.keys()])) {
          const ofRule = versionsByRule.get(ruleId) ?? [];
          const stored = storedByRule.get(ruleId) ?? [];
          const dueAt = evaluateOne(opening, ruleId, ofRule, interval, stored, cause, budget);
          if (dueAt !== undefined) pendingAlarms.set(opening.id, ruleId, dueAt);
        }
      }
      return NO_INTERVALS;
    },

    evaluateRule(opening, ruleId, intervals, cause) {
      const [first] = intervals;
      if (!first) return;
      const ofRule = versions.findByRule(ruleId, first.startedAt, intervals.at(-1)?.endedAt ?? null);
      const changing = new Set(unevaluated.listByOpening(opening.id).map(({ startId }) => startId));
      for (const interval of intervals) {
        if (isRemovedHistory(interval)) continue;
        if (changing.has(interval.startId)) {
          if (interval.endedAt === null) pendingAlarms.set(opening.id, ruleId, undefined);
          continue;
        }
        const stored = alarms
          .findByInterval(opening.id, interval.startId)
          .filter((alarm) => alarm.ruleId === ruleId);
        const dueAt = evaluateOne(opening, ruleId, ofRule, interval, stored, cause);
        if (interval.endedAt === null) pendingAlarms.set(opening.id, ruleId, dueAt);
      }
    },
  };
}

const NO_INTERVALS = { put: [], removed: [] };

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

/** Intervals that one transaction evaluates. A job evaluates further ones, so that other commands wait about 30 ms. */
export const REEVALUATION_BATCH_SIZE = 50;

/** Evaluates past and present intervals again after a rule changed. */
export interface RuleReevaluation {
  /** Starts a new rule version, and evaluates the intervals that it affects. */
  readonly applyRuleChange: ApplyRuleChange;
  /** Continues one re-evaluation job. To be called inside a transaction. @returns false if there was no job */
  runJob(cause: EventCause): boolean;
}

export function createRuleReevaluation(
  { openings, intervals }: Pick<OpeningTableAccess, 'openings' | 'intervals'>,
  { versions, reevaluationJobs }: Pick<RuleTableAccess, 'versions' | 'reevaluationJobs'>,
  evaluator: IntervalEvaluator,
): RuleReevaluation {
  /** The interval that contains an instant, and those that start later. */
  const findAffected = (openingId: number, instant: number): OpeningInterval[] => {
    const last = intervals.findLastBefore(openingId, instant);
    const containing = last && (last.endedAt === null || last.endedAt > instant) ? [last] : [];
    return [...containing, ...intervals.findFrom(openingId, instant, REEVALUATION_BATCH_SIZE)];
  };

  return {
    applyRuleChange(before, after, cause) {
      const opening = openings.findOrCreate(after.userId, after.opening);
      const change = deriveRuleVersionChange(before, after);
      if (!change) return;
      versions.change(after.id, opening.id, change);
      const affected = findAffected(opening.id, change.affectedFrom);
      evaluator.evaluateRule(opening, after.id, affected, cause);
      const last = affected.at(-1);
      if (affected.length < REEVALUATION_BATCH_SIZE || !last) return;
      reevaluationJobs.add({ ruleId: after.id, openingId: opening.id, nextStart: last.startedAt + 1 });
      // The open interval does not wait for the job.
      const present = intervals.findLastBefore(opening.id, Number.MAX_SAFE_INTEGER);
      if (present?.endedAt === null) evaluator.evaluateRule(opening, after.id, [present], cause);
    },

    runJob(cause) {
      const job = reevaluationJobs.findAny();
      if (!job) return false;
      const { ruleId, openingId, nextStart } = job;
      const opening = openings.findById(openingId);
      const batch = opening ? intervals.findFrom(openingId, nextStart, REEVALUATION_BATCH_SIZE) : [];
      if (opening) evaluator.evaluateRule(opening, ruleId, batch, cause);
      const last = batch.at(-1);
      if (last && batch.length === REEVALUATION_BATCH_SIZE) {
        reevaluationJobs.advance(ruleId, last.startedAt + 1);
      } else {
        reevaluationJobs.remove(ruleId);
      }
      return true;
    },
  };
}
