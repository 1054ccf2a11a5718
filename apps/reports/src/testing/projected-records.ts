import type {
  AlarmTimelineEntry,
  ProjectedHeardInstant,
  ProjectedInterval,
  ProjectedOpeningState,
} from '../domain/read-model.js';

/** An opening of `ana` that has a rule and no reading. */
export const buildProjectedOpening = (
  overrides: Partial<ProjectedOpeningState> = {},
): ProjectedOpeningState => ({
  userId: 'ana',
  name: 'Front door',
  state: null,
  since: null,
  tampered: null,
  batteryLow: null,
  changedPosition: 1,
  ...overrides,
});

/** The front door of `ana` is open. */
export const buildProjectedInterval = (overrides: Partial<ProjectedInterval> = {}): ProjectedInterval => ({
  userId: 'ana',
  opening: 'Front door',
  signal: 'OPEN',
  startId: 'reading-1',
  startedAt: '2026-03-01T08:00:00.000Z',
  endedAt: null,
  changedPosition: 1,
  ...overrides,
});

/** The front door of `ana` was heard. */
export const buildProjectedHeardInstant = (
  overrides: Partial<ProjectedHeardInstant> = {},
): ProjectedHeardInstant => ({
  userId: 'ana',
  opening: 'Front door',
  at: Date.parse('2026-03-01T08:00:00.000Z'),
  isHeard: true,
  changedPosition: 1,
  ...overrides,
});

/** The alarm of `buildAlarmState` was raised. */
export const buildTimelineEntry = (overrides: Partial<AlarmTimelineEntry> = {}): AlarmTimelineEntry => ({
  alarmId: 'alarm-1',
  version: 1,
  kind: 'RAISED',
  at: '2026-03-01T08:00:00.000Z',
  by: null,
  status: 'ACTIVE',
  text: 'open since 02:00:00',
  code: null,
  endedAt: null,
  position: 1,
  ...overrides,
});
