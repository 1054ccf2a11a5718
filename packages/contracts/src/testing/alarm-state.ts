import type { AlarmState } from '../alarm.js';

/** A valid alarm for tests: `rule-1` raised it at 08:01 for the shop door, and it is active. */
export const createAlarmState = (overrides: Partial<AlarmState> = {}): AlarmState => ({
  id: 'alarm-1',
  ruleId: 'rule-1',
  userId: 'ana',
  opening: 'Shop',
  kind: 'OPEN_TOO_LONG',
  severity: 'WARNING',
  status: 'ACTIVE',
  raisedAt: '2026-01-31T08:01:00.000Z',
  clearedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
  claimedBy: null,
  claimedAt: null,
  resolution: null,
  claimCount: 0,
  commentCount: 0,
  needsResolution: true,
  reason: 'open for more than 60 s',
  updatedAt: '2026-01-31T08:01:00.000Z',
  version: 1,
  ...overrides,
});
