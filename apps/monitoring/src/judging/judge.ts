import type { Actor, RuleState } from '@seguridad-abc/contracts';
import type { IntervalChanges, OpenInterval, RuleVersion } from '@seguridad-abc/evaluation';
import type { Append } from '../db/append.js';
import type { OpeningRecord } from '../db/opening-records.js';
import type { Records } from '../db/records.js';
import { alarmStateOf, type AlarmRecord } from '../domain/alarm-record.js';
import { judgeInterval, type Judging } from '../domain/judge-interval.js';
import { reviewAlarm, type AlarmChange } from '../domain/review-alarm.js';
import { alarmId } from './alarm-id.js';

/** When something is judged, and who caused that; nobody where time passed. */
export interface Occasion {
  /** The server's instant. */
  readonly now: string;
  readonly actor: Actor | null;
}

/** Raises, clears and retracts alarms and sets the timers of what is pending, all inside the caller's transaction. */
export interface Judge {
  /** Judges what has changed of an opening, by all of its rules. */
  changes(opening: OpeningRecord, changes: IntervalChanges, occasion: Occasion): void;
  /** Judges intervals of an opening by one of its rules. */
  rule(opening: OpeningRecord, ruleId: string, intervals: readonly OpenInterval[], occasion: Occasion): void;
}

export interface JudgeOptions {
  readonly records: Records;
  readonly append: Append;
  /** An alarm is held back so long while its interval is open, in milliseconds. */
  readonly allowanceMs: number;
}

export function createJudge({ records, append, allowanceMs }: JudgeOptions): Judge {
  const { alarms, rules, timers, versions } = records;

  const save = ({ type, alarm }: AlarmChange, { actor }: Occasion) => {
    alarms.put(alarm);
    append({ type, version: 1, data: { alarm: alarmStateOf(alarm) } }, alarm.updatedAt, actor);
  };

  const judgeOne = (
    opening: OpeningRecord,
    ruleId: string,
    versionsOfRule: readonly RuleVersion[],
    interval: OpenInterval,
    present: readonly AlarmRecord[],
    occasion: Occasion,
  ) => {
    const judging: Judging = { now: occasion.now, allowanceMs, alarmId };
    const rule = {
      id: ruleId,
      userId: opening.userId,
      opening: opening.name,
      openingId: opening.id,
      versions: versionsOfRule,
      severity: () => presentRule(ruleId).severity,
      timeZone: () => presentRule(ruleId).timeZone,
    };
    const { changes, pending } = judgeInterval(rule, interval, present, judging);
    for (const change of changes) save(change, occasion);
    return pending;
  };

  const presentRule = (id: string): RuleState => {
    const rule = rules.byId(id);
    if (!rule) throw new Error(`Rule ${id} has versions, but is not on record.`);
    return rule;
  };

  return {
    changes(opening, { put, removed, state }, occasion) {
      const [first] = put;
      // Timers are those of the interval that is open: of another one now, or of none.
      if (state === 'CLOSED' || put.at(-1)?.endedAt === null) timers.removeAll(opening.id);
      for (const startId of removed) {
        for (const alarm of alarms.ofInterval(opening.id, startId)) {
          const change = reviewAlarm(
            alarm,
            undefined,
            occasion.now,
            () => presentRule(alarm.ruleId).timeZone,
          );
          if (change) save(change, occasion);
        }
      }
      if (!first) return;
      const versionsByRule = versions.ofOpening(opening.id, first.startedAt, put.at(-1)?.endedAt ?? null);
      for (const interval of put) {
        const present = groupByRule(alarms.ofInterval(opening.id, interval.startId));
        for (const ruleId of new Set([...versionsByRule.keys(), ...present.keys()])) {
          const ofRule = versionsByRule.get(ruleId) ?? [];
          const due = judgeOne(opening, ruleId, ofRule, interval, present.get(ruleId) ?? [], occasion);
          if (due !== undefined) timers.set(opening.id, ruleId, due);
        }
      }
    },

    rule(opening, ruleId, judged, occasion) {
      const [first] = judged;
      if (!first) return;
      const ofRule = versions.ofRule(ruleId, first.startedAt, judged.at(-1)?.endedAt ?? null);
      for (const interval of judged) {
        const present = alarms
          .ofInterval(opening.id, interval.startId)
          .filter((alarm) => alarm.ruleId === ruleId);
        const due = judgeOne(opening, ruleId, ofRule, interval, present, occasion);
        if (interval.endedAt === null) timers.set(opening.id, ruleId, due);
      }
    },
  };
}

function groupByRule(alarms: readonly AlarmRecord[]): Map<string, AlarmRecord[]> {
  const byRule = new Map<string, AlarmRecord[]>();
  for (const alarm of alarms) byRule.set(alarm.ruleId, [...(byRule.get(alarm.ruleId) ?? []), alarm]);
  return byRule;
}
