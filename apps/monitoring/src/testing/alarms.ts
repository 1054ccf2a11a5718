import type { AlarmRecord } from '../domain/alarm-record.js';

/** One that is active since 08:01:00, of an interval that starts at 08:00:00. */
export const activeAlarm = (alarm: Partial<AlarmRecord> = {}): AlarmRecord => ({
  id: 'alarm-1',
  ruleId: 'rule-1',
  userId: 'ana',
  opening: 'Shop',
  openingId: 1,
  startId: 'o1',
  kind: 'OPEN_TOO_LONG',
  severity: 'WARNING',
  status: 'ACTIVE',
  raisedAt: '2026-01-31T08:01:00.000Z',
  clearedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
  cause: 'open for more than 60 s',
  reason: 'open for more than 60 s',
  updatedAt: '2026-01-31T08:01:00.000Z',
  version: 1,
  ...alarm,
});
