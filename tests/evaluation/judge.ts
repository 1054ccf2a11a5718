import {
  applyReadings,
  findDueAlarms,
  type DueAlarm,
  type SensorReading,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import { createMemoryStore, type MemoryStore } from '@seguridad-abc/evaluation/testing';

/** All that has to be on record of one opening to go on judging it. */
export interface JudgeRecord {
  readonly readings: MemoryStore['readings'];
  readonly intervals: MemoryStore['intervals'];
  /** Readings whose instant has not come. */
  readonly waiting: readonly SensorReading[];
  /** Of each rule. */
  readonly rules: readonly (readonly RuleVersion[])[];
  /** What is or will be due, of each rule by `startId`. */
  readonly dues: readonly ReadonlyMap<string, readonly DueAlarm[]>[];
}

export const emptyRecord = (rules: number): JudgeRecord => ({
  readings: [],
  intervals: [],
  waiting: [],
  rules: Array.from({ length: rules }, () => []),
  dues: Array.from({ length: rules }, () => new Map()),
});

/** Takes readings in; those that are ahead of the clock wait. Only intervals that changed are judged. */
export function take(record: JudgeRecord, batch: readonly SensorReading[], now: number): JudgeRecord {
  const store = createMemoryStore(record);
  const waiting = [...record.waiting];
  const known = new Set([...record.readings, ...waiting].map(({ id }) => id));
  for (const reading of batch) {
    if (!known.has(reading.id)) waiting.push(reading);
    known.add(reading.id);
  }
  const changes = applyReadings(store, store.record(waiting.filter(({ at }) => at <= now)));
  store.apply(changes);
  return {
    ...record,
    readings: store.readings,
    intervals: store.intervals,
    waiting: waiting.filter(({ at }) => at > now),
    dues: record.rules.map((versions, rule) => {
      const dues = new Map(record.dues[rule]);
      for (const startId of changes.removed) dues.delete(startId);
      for (const interval of changes.put) dues.set(interval.startId, findDueAlarms(versions, interval));
      return dues;
    }),
  };
}

/** Gives a rule another definition. Only intervals that are not over when it begins are judged. */
export function redefine(
  record: JudgeRecord,
  rule: number,
  definition: RuleVersion,
  now: number,
): JudgeRecord {
  const versions = (record.rules[rule] ?? []).map((version) => ({ ...version, until: version.until ?? now }));
  const changed = [...versions, definition];
  const dues = new Map(record.dues[rule]);
  for (const interval of record.intervals) {
    if (interval.endedAt !== null && interval.endedAt <= definition.from) continue;
    dues.set(interval.startId, findDueAlarms(changed, interval));
  }
  return {
    ...record,
    rules: record.rules.with(rule, changed),
    dues: record.dues.with(rule, dues),
  };
}

/** What is on record after a restart: what can be written down, and no more. */
export function restarted(record: JudgeRecord): JudgeRecord {
  const written = JSON.stringify({ ...record, dues: record.dues.map((dues) => [...dues]) });
  const read = JSON.parse(written) as Omit<JudgeRecord, 'dues'> & { dues: [string, DueAlarm[]][][] };
  return { ...read, dues: read.dues.map((dues) => new Map(dues)) };
}

/** The alarms of a rule, none retracted, at an instant: `kind startId raisedAt clearedAt`. */
export function alarmsOf({ intervals, dues }: JudgeRecord, rule: number, now: number): string[] {
  const ends = new Map(intervals.map(({ startId, endedAt }) => [startId, endedAt]));
  return [...(dues[rule] ?? [])].flatMap(([startId, all]) =>
    all
      .filter(({ at }) => at <= now)
      .map(({ kind, at }) => `${kind} ${startId} ${at} ${String(ends.get(startId))}`),
  );
}
