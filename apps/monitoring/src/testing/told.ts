import { parseLogEvent, type AlarmState, type IntervalRecord } from '@seguridad-abc/contracts';
import type { Outbox } from '../log/outbox.js';

/** What a reader of the log makes of it. */
export interface Told {
  readonly alarms: ReadonlyMap<string, AlarmState>;
  /** By opening, then by the reading that starts them. */
  readonly intervals: ReadonlyMap<string, ReadonlyMap<string, IntervalRecord>>;
}

/** Reads of a user's things what the log tells after a position. @throws Error where an entry cannot be read, or versions of an alarm do not follow */
export async function toldBy(log: Outbox, userId: string, from = 0): Promise<Told> {
  const alarms = new Map<string, AlarmState>();
  const intervals = new Map<string, Map<string, IntervalRecord>>();
  for (let after = from; ;) {
    const { entries } = await log.read(after, 1_000);
    const last = entries.at(-1);
    if (!last) return { alarms, intervals };
    after = last.position;
    for (const entry of entries) {
      const read = parseLogEvent(entry);
      if (!read.ok) throw new Error(read.reason);
      const { data } = read.event;
      if ('alarm' in data) {
        const { alarm } = data;
        if (alarm.userId !== userId) continue;
        const version = (alarms.get(alarm.id)?.version ?? 0) + 1;
        if (alarm.version !== version) throw new Error(`version ${alarm.version} where ${version} was next`);
        alarms.set(alarm.id, alarm);
      } else if ('intervals' in data) {
        if (data.userId !== userId) continue;
        const ofOpening = intervals.get(data.opening) ?? new Map<string, IntervalRecord>();
        for (const startId of data.removed) ofOpening.delete(startId);
        for (const interval of data.intervals) ofOpening.set(interval.startId, interval);
        intervals.set(data.opening, ofOpening);
      }
    }
  }
}
