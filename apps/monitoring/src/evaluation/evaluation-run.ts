import { alarmStateSchema, pickFields } from '@seguridad-abc/contracts';
import type { AlarmTableAccess, PendingAlarmRow } from '../alarms/alarm-repository.js';
import type { AppendEvent } from '../db/log-appends.js';
import { runAll } from '../db/run-all.js';
import type { EventCause } from '../domain/decision.js';
import type {
  AlarmRecord,
  EpisodeEvaluation,
  EvaluatedAlarmChange,
  EvaluatedRule,
  EvaluationOptions,
  RaisedAlarm,
} from '../domain/interval-evaluation.js';
import { ALARM_CHANGE_COST_US, RULE_EVALUATION_COST_US, type WorkBudget } from '../domain/work-budget.js';
import type { OpeningRecord } from '../readings/opening-tables.js';
import { assignAlarmIds } from './alarm-ids.js';
import type { RuleContext } from './rule-context.js';
import { watchesOnlyOpen } from './watched-conditions.js';

/** One call of the evaluator: what it works on, and what it changes. */
export interface EvaluationRun {
  readonly opening: OpeningRecord;
  readonly rules: RuleContext;
  readonly writes: EvaluationWrites;
  readonly options: EvaluationOptions;
  /** Undefined: the work is not limited. */
  readonly budget: WorkBudget | undefined;
}

/** Collects what an evaluation changes, so that few statements store it. */
export interface EvaluationWrites {
  addAlarmChange(change: EvaluatedAlarmChange): void;
  /** Makes sure that an opening is evaluated again when the next alarm is due. */
  advancePending(rule: EvaluatedRule, due: number): void;
  /** Stores everything. To be called before stored alarms are read again, and at the end. */
  flush(): Promise<void>;
}

export interface EvaluationWritesOptions {
  readonly alarmTables: Pick<AlarmTableAccess, 'alarms' | 'pendingAlarms'>;
  readonly appendEvent: AppendEvent;
  /** How long an alarm is held back while its condition lasts, in milliseconds. */
  readonly latenessAllowanceMs: number;
}

export function createEvaluationWrites(
  { alarmTables: { alarms, pendingAlarms }, appendEvent, latenessAllowanceMs }: EvaluationWritesOptions,
  opening: OpeningRecord,
  rules: Pick<RuleContext, 'getState'>,
  { actor, now }: EventCause,
  budget: WorkBudget | undefined,
): EvaluationWrites {
  const evaluatedUntil = Date.parse(now) - latenessAllowanceMs;
  let changes: EvaluatedAlarmChange[] = [];
  const pending = new Map<string, PendingAlarmRow>();

  const saveAlarms = async (saved: readonly EvaluatedAlarmChange[]) => {
    const raised = saved.filter(isRaisedAlarm);
    const ids = await assignAlarmIds(alarms, raised);
    const records = new Map<string, AlarmRecord>();
    for (const change of saved) {
      let alarm: AlarmRecord;
      if (isRaisedAlarm(change)) {
        const { severity } = await rules.getState(change.newAlarm.ruleId);
        alarm = { ...change.newAlarm, id: ids.get(change) ?? '', severity };
      } else alarm = change.alarm;
      records.set(alarm.id, alarm);
      if (change.type === undefined) continue;
      const data = { alarm: pickFields(alarmStateSchema, alarm) };
      appendEvent({ type: change.type, version: 1, data }, alarm.updatedAt, actor);
    }
    await alarms.upsert(...records.values());
  };

  return {
    addAlarmChange(change) {
      budget?.spend(ALARM_CHANGE_COST_US);
      changes.push(change);
    },
    advancePending({ id: ruleId, evaluated }, due) {
      if (due === Infinity) return;
      const needsOpen = watchesOnlyOpen(evaluated.versions);
      const row = { openingId: opening.id, ruleId, due, needsOpen, evaluatedUntil };
      const before = pending.get(ruleId);
      const earlier = before && {
        due: Math.min(before.due, due),
        needsOpen: before.needsOpen && needsOpen,
      };
      pending.set(ruleId, { ...row, ...earlier });
    },
    async flush() {
      const saved = changes;
      changes = [];
      const advanced = [...pending.values()];
      pending.clear();
      if (saved.length + advanced.length === 0) return;
      await runAll([saved.length > 0 ? saveAlarms(saved) : undefined, pendingAlarms.advance(advanced)]);
    },
  };
}

/** Adds the result of one rule. @returns when its next alarm is due */
export function addEvaluation(
  { alarmChanges, nextDueAt }: EpisodeEvaluation,
  { writes, budget }: Pick<EvaluationRun, 'writes' | 'budget'>,
): number {
  budget?.spend(RULE_EVALUATION_COST_US);
  for (const change of alarmChanges) writes.addAlarmChange(change);
  return nextDueAt;
}

const isRaisedAlarm = (change: EvaluatedAlarmChange): change is RaisedAlarm => 'newAlarm' in change;
