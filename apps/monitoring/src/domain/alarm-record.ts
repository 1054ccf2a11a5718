import type { AlarmState } from '@seguridad-abc/contracts';

/** What is kept of an alarm: what readers know of it, and what it takes to judge it again. */
export interface AlarmRecord extends AlarmState {
  readonly openingId: number;
  /** The `OPEN` reading that starts its interval. */
  readonly startId: string;
  /** Why it was raised. */
  readonly cause: string;
}

/** What readers know of it. */
export const alarmStateOf = (alarm: AlarmRecord): AlarmState => ({
  id: alarm.id,
  ruleId: alarm.ruleId,
  userId: alarm.userId,
  opening: alarm.opening,
  kind: alarm.kind,
  severity: alarm.severity,
  status: alarm.status,
  raisedAt: alarm.raisedAt,
  clearedAt: alarm.clearedAt,
  acknowledgedAt: alarm.acknowledgedAt,
  acknowledgedBy: alarm.acknowledgedBy,
  note: alarm.note,
  reason: alarm.reason,
  updatedAt: alarm.updatedAt,
  version: alarm.version,
});
