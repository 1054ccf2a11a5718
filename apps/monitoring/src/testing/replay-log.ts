import { parseLogEvent, type AlarmState, type OpeningIntervalRecord } from '@seguridad-abc/contracts';
import type { EventLog } from '../log/event-log.js';

/** The alarms and intervals of a user as a reader of the event log knows them. */
export interface ReplayedLog {
  readonly alarms: ReadonlyMap<string, AlarmState>;
  /** By opening, then by signal and the reading that starts them. */
  readonly intervals: ReadonlyMap<string, ReadonlyMap<string, OpeningIntervalRecord>>;
}

const getIntervalKey = ({ signal, startId }: Pick<OpeningIntervalRecord, 'signal' | 'startId'>) =>
  `${signal} ${startId}`;

/**
 * Replays a user's events after a position.
 * @throws Error if an entry cannot be read, or if the versions of an alarm have a gap
 */
export async function replayLog(
  eventLog: Pick<EventLog, 'read'>,
  userId: string,
  from = 0,
): Promise<ReplayedLog> {
  const alarms = new Map<string, AlarmState>();
  const intervals = new Map<string, Map<string, OpeningIntervalRecord>>();
  for (let after = from; ;) {
    const { entries } = await eventLog.read(after, 1_000);
    const last = entries.at(-1);
    if (!last) return { alarms, intervals };
    after = last.position;
    for (const entry of entries) {
      const parsed = parseLogEvent(entry);
      if (!parsed.ok) throw new Error(parsed.reason);
      const { data } = parsed.event;
      if ('alarm' in data) {
        const { alarm } = data;
        if (alarm.userId !== userId) continue;
        const version = (alarms.get(alarm.id)?.version ?? 0) + 1;
        if (alarm.version !== version) throw new Error(`version ${alarm.version} follows ${version - 1}`);
        alarms.set(alarm.id, alarm);
      } else if ('intervals' in data) {
        if (data.userId !== userId) continue;
        const ofOpening = intervals.get(data.opening) ?? new Map<string, OpeningIntervalRecord>();
        for (const key of data.removed) ofOpening.delete(getIntervalKey(key));
        for (const interval of data.intervals) ofOpening.set(getIntervalKey(interval), interval);
        intervals.set(data.opening, ofOpening);
      }
    }
  }
}
