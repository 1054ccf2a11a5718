import { canContinueAt, type AlarmRecord, type OrphanedAlarms } from '../domain/interval-evaluation.js';
import type { ChangedEpisode } from '../readings/changed-episodes.js';

/** An alarm that has lost its episode, and that episode as it was or is. */
export interface OrphanedAlarm {
  readonly alarm: AlarmRecord;
  readonly episode: ChangedEpisode;
}

/** The orphaned alarms of one evaluation. */
export interface OrphanPool extends OrphanedAlarms {
  add(alarm: AlarmRecord, episode: ChangedEpisode): void;
  /** Whether an alarm was taken: it continues in another episode. */
  hasTaken(alarm: AlarmRecord): boolean;
  /** The alarms that were not taken. */
  list(): readonly OrphanedAlarm[];
}

export function createOrphanPool(): OrphanPool {
  const orphans: OrphanedAlarm[] = [];
  const taken = new Set<string>();
  return {
    add: (alarm, episode) => void orphans.push({ alarm, episode }),
    hasTaken: ({ id }) => taken.has(id),
    list: () => orphans.filter(({ alarm }) => !taken.has(alarm.id)),
    take(ruleId, { kind, raisedAt, clearedAt }) {
      let earliest: AlarmRecord | undefined;
      for (const { alarm } of orphans) {
        if (taken.has(alarm.id) || alarm.ruleId !== ruleId || alarm.kind !== kind) continue;
        const from = Date.parse(alarm.raisedAt);
        const until = alarm.clearedAt === null ? Infinity : Date.parse(alarm.clearedAt);
        if (from >= (clearedAt ?? Infinity) || raisedAt >= until) continue;
        if (!canContinueAt(alarm, raisedAt)) continue;
        if (!earliest || alarm.raisedAt < earliest.raisedAt) earliest = alarm;
      }
      if (earliest) taken.add(earliest.id);
      return earliest;
    },
  };
}
