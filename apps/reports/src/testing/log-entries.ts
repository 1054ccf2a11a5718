import type {
  AlarmEvent,
  AlarmState,
  CalendarEvent,
  CalendarState,
  ExceptionEvent,
  LogEntry,
  OpeningChange,
  OpeningEvent,
  OpeningExceptionState,
  Reading,
  RuleEvent,
  RuleState,
} from '@seguridad-abc/contracts';
import {
  createAlarmState,
  createCalendarState,
  createOpeningExceptionState,
  createRuleState,
} from '@seguridad-abc/contracts/testing';

const AT = '2026-03-01T08:00:00.000Z';
const ACTOR = { id: 'ana', role: 'customer' } as const;

/** A rule of `ana` for the front door, which may be open from 08:00 to 18:00. */
export const buildRuleState = (overrides: Partial<RuleState> = {}): RuleState =>
  createRuleState({
    name: 'Front door at night',
    opening: 'Front door',
    windows: [{ days: ['MONDAY', 'FRIDAY'], opensAt: '08:00', closesAt: '18:00', openBy: null }],
    maxOpenSeconds: null,
    effectiveFrom: AT,
    createdAt: AT,
    updatedAt: AT,
    ...overrides,
  });

export const buildRuleCreated = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleCreated',
  version: 2,
  data: { rule: buildRuleState(overrides) },
});

export const buildRuleUpdated = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleUpdated',
  version: 2,
  data: { rule: buildRuleState({ version: 2, ...overrides }) },
});

export const buildRuleDeleted = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleDeleted',
  version: 2,
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

/** @param type an event that carries the alarm alone */
export const buildAlarmEvent = (
  type: Exclude<AlarmEvent['type'], 'AlarmReleased' | 'AlarmCommented'> = 'AlarmRaised',
  overrides: Partial<AlarmState> = {},
): AlarmEvent => ({ type, version: 1, data: { alarm: buildAlarmState(overrides) } });

/** `olga` comments on the alarm. */
export const buildAlarmCommented = (text: string, overrides: Partial<AlarmState> = {}): AlarmEvent => ({
  type: 'AlarmCommented',
  version: 1,
  data: { alarm: buildAlarmState({ commentCount: 1, ...overrides }), comment: { by: 'olga', text } },
});

/** `olga` releases the alarm. */
export const buildAlarmReleased = (overrides: Partial<AlarmState> = {}): AlarmEvent => ({
  type: 'AlarmReleased',
  version: 1,
  data: { alarm: buildAlarmState(overrides), releasedBy: 'olga' },
});

/** A reading that says nothing. */
export const buildReading = (overrides: Partial<Reading> = {}): Reading => ({
  id: 'reading-1',
  state: null,
  tampered: null,
  batteryLow: null,
  at: AT,
  ...overrides,
});

/** One reading opens the front door of `ana`. */
export const buildReadingsRecorded = (
  overrides: Partial<OpeningChange> = {},
  readings: readonly Partial<Reading>[] = [{ state: 'OPEN' }],
): OpeningEvent => ({
  type: 'ReadingsRecorded',
  version: 2,
  data: {
    userId: 'ana',
    opening: 'Front door',
    state: 'OPEN',
    since: AT,
    tampered: null,
    batteryLow: null,
    intervals: [{ signal: 'OPEN', startId: 'reading-1', startedAt: AT, endedAt: null }],
    removed: [],
    readings: readings.map(buildReading),
    ...overrides,
  },
});

/** A reading of the front door of `ana` is withdrawn: the door was never open. */
export const buildReadingsWithdrawn = (
  overrides: Partial<OpeningChange> = {},
  instantsWithoutReading: string[] = [AT],
): OpeningEvent => ({
  type: 'ReadingsWithdrawn',
  version: 1,
  data: {
    userId: 'ana',
    opening: 'Front door',
    state: null,
    since: null,
    tampered: null,
    batteryLow: null,
    intervals: [],
    removed: [{ signal: 'OPEN', startId: 'reading-1' }],
    readings: [{ id: 'reading-1', at: AT }],
    instantsWithoutReading,
    reason: 'The sensor was tested.',
    ...overrides,
  },
});

export const buildCalendarEvent = (
  type: CalendarEvent['type'] = 'CalendarCreated',
  overrides: Partial<CalendarState> = {},
): CalendarEvent => ({ type, version: 1, data: { calendar: createCalendarState(overrides) } });

export const buildExceptionEvent = (
  type: ExceptionEvent['type'] = 'ExceptionCreated',
  overrides: Partial<OpeningExceptionState> = {},
): ExceptionEvent => ({ type, version: 1, data: { exception: createOpeningExceptionState(overrides) } });

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
