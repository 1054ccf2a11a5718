import type { AlarmEvent } from '@seguridad-abc/contracts';
import { formatInstant, describeRetraction, type OpenInterval } from '@seguridad-abc/evaluation';
import type { AlarmRecord } from './alarm-record.js';
import { laterOf } from './present.js';

export interface AlarmChange {
  readonly type: AlarmEvent['type'];
  readonly alarm: AlarmRecord;
}

/**
 * What becomes of an alarm when its interval is another. When it was due is settled: by the reading that starts the
 * interval and the rule as it was then, whatever has become of rules, clocks and zone data since. So all that counts is
 * whether the interval still reaches that instant.
 * @param interval that its reading starts; undefined where the reading starts none any more
 * @param now the server's instant
 * @param timeZone by whose clocks a retraction is told
 * @returns undefined where nothing changes
 */
export function reviewAlarm(
  alarm: AlarmRecord,
  interval: OpenInterval | undefined,
  now: string,
  timeZone: () => string,
): AlarmChange | undefined {
  const change = (type: AlarmEvent['type'], changed: Partial<AlarmRecord>): AlarmChange => ({
    type,
    alarm: {
      ...alarm,
      ...changed,
      updatedAt: laterOf(now, alarm.updatedAt),
      version: alarm.version + 1,
    },
  });

  const raisedAt = Date.parse(alarm.raisedAt);
  if (!interval || (interval.endedAt !== null && interval.endedAt <= raisedAt)) {
    if (alarm.status === 'RETRACTED') return undefined;
    const retraction = describeRetraction(raisedAt, interval?.endedAt ?? undefined, timeZone());
    return change('AlarmRetracted', { status: 'RETRACTED', reason: `${alarm.cause}; ${retraction}` });
  }
  const present = statusIn(interval.endedAt);
  if (alarm.status === present.status && alarm.clearedAt === present.clearedAt) return undefined;
  if (alarm.status === 'RETRACTED') return change('AlarmRaised', { ...present, reason: alarm.cause });
  return change(
    alarm.status === 'ACTIVE' && present.status === 'CLEARED' ? 'AlarmCleared' : 'AlarmUpdated',
    present,
  );
}

/** Of an alarm that is due, by its interval's end. */
export const statusIn = (endedAt: number | null): Pick<AlarmRecord, 'status' | 'clearedAt'> =>
  endedAt === null
    ? { status: 'ACTIVE', clearedAt: null }
    : { status: 'CLEARED', clearedAt: formatInstant(endedAt) };
