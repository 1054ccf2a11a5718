import type {
  AlarmEvent,
  AlarmState,
  LogEntry,
  OpeningChange,
  OpeningEvent,
  RuleEvent,
  RuleState,
} from '@seguridad-abc/contracts';
import { createAlarmState, createRuleState } from '@seguridad-abc/contracts/testing';

const AT = '2026-03-01T08:00:00.000Z';
const ACTOR = { id: 'ana', role: 'customer' } as const;

/** A rule of `ana` for the front door, which may be open from 08:00 to 18:00. */
export const buildRuleState = (overrides: Partial<RuleState> = {}): RuleState =>
  createRuleState({
    name: 'Front door at night',
    opening: 'Front door',
    opensAt: '08:00',
    closesAt: '18:00',
    days: ['MONDAY', 'FRIDAY'],
    maxOpenSeconds: null,
    effectiveFrom: AT,
    createdAt: AT,
    updatedAt: AT,
    ...overrides,
  });

export const buildRuleCreated = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleCreated',
  version: 1,
  data: { rule: buildRuleState(overrides) },
});

export const buildRuleUpdated = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleUpdated',
  version: 1,
  data: { rule: buildRuleState({ version: 2, ...overrides }) },
});

export const buildRuleDeleted = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleDeleted',
  version: 1,
  data: { rule: buildRuleState({ version: 2, deletedAt: AT, enabled: false, ...overrides }) },
});

/** An active alarm of {@link buildRuleState}. */
export const buildAlarmState = (overrides: Partial<AlarmState> = {}): AlarmState =>
  createAlarmState({
    opening: 'Front door',
    kind: 'OUTSIDE_HOURS',
    raisedAt: AT,
    updatedAt: AT,
    reason: 'open since 02:00:00, allowed from 08:00 on Mondays, America/Bogota',
    ...overrides,
  });

export const buildAlarmEvent = (
  type: AlarmEvent['type'] = 'AlarmRaised',
  overrides: Partial<AlarmState> = {},
): AlarmEvent => ({ type, version: 1, data: { alarm: buildAlarmState(overrides) } });

/** One reading opens the front door of `ana`. */
export const buildReadingsRecorded = (overrides: Partial<OpeningChange> = {}): OpeningEvent => ({
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

/** An event of a test's log, of a known or an unknown type. */
export type TestEvent = Pick<LogEntry, 'type' | 'version' | 'data'>;

/** Builds a complete log of the events, from position 1. */
export const buildLog = (events: readonly TestEvent[], logId = 'log-1'): LogEntry[] =>
  events.map(({ type, version, data }, index) => ({
    logId,
    position: index + 1,
    type,
    version,
    at: AT,
    actor: ACTOR,
    data,
  }));
