import type {
  AlarmEvent,
  AlarmState,
  LogEntry,
  OpeningChange,
  OpeningEvent,
  RuleEvent,
  RuleState,
} from '@seguridad-abc/contracts';

const AT = '2026-03-01T08:00:00.000Z';
const ACTOR = { id: 'ana', role: 'customer' } as const;

export const ruleState = (overrides: Partial<RuleState> = {}): RuleState => ({
  id: 'rule-1',
  userId: 'ana',
  name: 'Front door at night',
  opening: 'Front door',
  opensAt: '08:00',
  closesAt: '18:00',
  days: ['MONDAY', 'FRIDAY'],
  timeZone: 'America/Bogota',
  maxOpenSeconds: null,
  severity: 'WARNING',
  enabled: true,
  effectiveFrom: AT,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: null,
  version: 1,
  ...overrides,
});

export const created = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleCreated',
  version: 1,
  data: { rule: ruleState(overrides) },
});

export const updated = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleUpdated',
  version: 1,
  data: { rule: ruleState({ version: 2, ...overrides }) },
});

export const deleted = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleDeleted',
  version: 1,
  data: { rule: ruleState({ version: 2, deletedAt: AT, enabled: false, ...overrides }) },
});

export const alarmState = (overrides: Partial<AlarmState> = {}): AlarmState => ({
  id: 'alarm-1',
  ruleId: 'rule-1',
  userId: 'ana',
  opening: 'Front door',
  kind: 'OUTSIDE_HOURS',
  severity: 'WARNING',
  status: 'ACTIVE',
  raisedAt: AT,
  clearedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
  reason: 'open since 02:00:00, allowed from 08:00 on Mondays, America/Bogota',
  updatedAt: AT,
  version: 1,
  ...overrides,
});

export const alarmEvent = (
  type: AlarmEvent['type'] = 'AlarmRaised',
  overrides: Partial<AlarmState> = {},
): AlarmEvent => ({ type, version: 1, data: { alarm: alarmState(overrides) } });

/** What a batch of readings made of an opening. */
export const recorded = (overrides: Partial<OpeningChange> = {}): OpeningEvent => ({
  type: 'ReadingsRecorded',
  version: 1,
  data: {
    userId: 'ana',
    opening: 'Front door',
    state: 'OPEN',
    since: AT,
    intervals: [{ startId: 'reading-1', startedAt: AT, endedAt: null }],
    removed: [],
    readings: [{ id: 'reading-1', state: 'OPEN', at: AT }],
    ...overrides,
  },
});

/** Anything that can stand in a log, understood or not. */
export type Happening = Pick<LogEntry, 'type' | 'version' | 'data'>;

/** A log of these events. */
export const logOf = (events: readonly Happening[], logId = 'log-1'): LogEntry[] =>
  events.map(({ type, version, data }, index) => ({
    logId,
    position: index + 1,
    type,
    version,
    at: AT,
    actor: ACTOR,
    data,
  }));
