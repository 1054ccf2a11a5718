import {
  isAlarmQueued,
  type AlarmChangeKind,
  type AlarmResolutionCode,
  type AlarmState,
  type AlarmStatus,
  type CalendarState,
  type DeviceState,
  type OpeningExceptionState,
  type OpeningState,
  type RuleState,
  type Severity,
  type Signal,
} from '@seguridad-abc/contracts';

/** How far the read model has processed which log. */
export interface ReadModelCheckpoint {
  /** Null until the log is known, which is only possible at position 0. */
  readonly logId: string | null;
  /** The position of the last projected entry; 0 before the first. */
  readonly position: number;
  /** The mark of that entry: a restored log has another one there. Absent if the entry has none. */
  readonly mark?: string | undefined;
}

/** The checkpoint of an empty read model. */
export const INITIAL_CHECKPOINT: ReadModelCheckpoint = { logId: null, position: 0 };

/** A rule as the read model stores it. */
export interface ProjectedRule {
  readonly state: RuleState;
  /** The log position of the rule's first event. It is unique, so lists are ordered by it and cursors hold it. */
  readonly createdPosition: number;
  /** The log position of the change that produced this state, unique among rules. */
  readonly changedPosition: number;
}

/** An opening as the read model stores it. Its first reading or first rule makes it known. */
export interface ProjectedOpeningState {
  readonly userId: string;
  readonly name: string;
  /** Null until a reading has taken effect. */
  readonly state: OpeningState | null;
  /** The instant at which the opening came into this state. */
  readonly since: string | null;
  /** Null until a reading of the signal has taken effect. */
  readonly tampered: boolean | null;
  /** Null until a reading of the signal has taken effect. */
  readonly batteryLow: boolean | null;
  /** The log position of the last event that carried the state; 0 before the first. */
  readonly changedPosition: number;
}

/** An interval as the read model stores it. */
export interface ProjectedInterval {
  readonly userId: string;
  readonly opening: string;
  readonly signal: Signal;
  /** The id of the reading that starts it. It identifies the interval among those of its opening and signal. */
  readonly startId: string;
  /** Null: a later event removed the interval. The record remains, so that an older event cannot restore it. */
  readonly startedAt: string | null;
  /** Null while the signal is true. */
  readonly endedAt: string | null;
  /** The log position of the last event about the interval. */
  readonly changedPosition: number;
}

/** An instant at which an opening was heard: it has a reading then, whatever the reading says. */
export interface ProjectedHeardInstant {
  readonly userId: string;
  readonly opening: string;
  /** In ms since 1970. */
  readonly at: number;
  /** False: all readings of the instant were withdrawn. The record remains, so that an older event cannot restore it. */
  readonly isHeard: boolean;
  /** The log position of the last event about the instant. */
  readonly changedPosition: number;
}

/** An alarm as the read model stores it. */
export interface ProjectedAlarm {
  readonly state: AlarmState;
  /** The kind of change that produced this state. */
  readonly change: AlarmChangeKind;
  /** The log position of that change, unique among alarms. */
  readonly changedPosition: number;
}

/** Severities by their order in the queue: the most severe comes first. */
export const QUEUE_RANKS: Readonly<Record<Severity, number>> = { CRITICAL: 0, WARNING: 1, INFO: 2 };

/** The rank of an alarm in the queue of operators. Null if it is not in the queue. */
export const getQueueRank = (alarm: AlarmState): number | null =>
  isAlarmQueued(alarm) ? QUEUE_RANKS[alarm.severity] : null;

export const ALARM_TIMELINE_KINDS = [
  'RAISED',
  'CLEARED',
  'RETRACTED',
  'RETURNED',
  'ACKNOWLEDGED',
  'UPDATED',
  'CLAIMED',
  'RELEASED',
  'COMMENTED',
  'RESOLVED',
] as const;
export type AlarmTimelineKind = (typeof ALARM_TIMELINE_KINDS)[number];

/** Something that has happened to an alarm: one for each of its events. */
export interface AlarmTimelineEntry {
  readonly alarmId: string;
  /** The version of the alarm that it has made. It orders the timeline. */
  readonly version: number;
  readonly kind: AlarmTimelineKind;
  /** When it was recorded. */
  readonly at: string;
  /** The id of the caller that did it. Null if readings or the passing of time caused it. */
  readonly by: string | null;
  /** The status of the alarm afterwards. */
  readonly status: AlarmStatus;
  /** The comment, the note, or the reason of the alarm. */
  readonly text: string | null;
  readonly code: AlarmResolutionCode | null;
  /** When the alarm had ended by then, for the removal of history. Null: it was active. */
  readonly endedAt: string | null;
  /** The log position of the event. */
  readonly position: number;
}

/** A device as the read model stores it. */
export interface ProjectedDevice {
  readonly state: DeviceState;
  /** The log position of the device's first event. It is unique, so lists are ordered by it. */
  readonly createdPosition: number;
}

/** A calendar as the read model stores it. */
export interface ProjectedCalendar {
  readonly state: CalendarState;
  /** The log position of the event that carried this state. */
  readonly changedPosition: number;
}

/** An exception as the read model stores it. */
export interface ProjectedException {
  readonly state: OpeningExceptionState;
  /** The log position of the event that carried this state. */
  readonly changedPosition: number;
}

/** The instant at which an exception ends, or has ended because it was cancelled. */
export const getExceptionEnd = ({
  until,
  cancelledAt,
}: Pick<OpeningExceptionState, 'until' | 'cancelledAt'>): string =>
  cancelledAt !== null && cancelledAt < until ? cancelledAt : until;

/** Records of all kinds that the read model stores. */
export interface ReadModelRecords {
  readonly rules: readonly ProjectedRule[];
  readonly openings: readonly ProjectedOpeningState[];
  readonly intervals: readonly ProjectedInterval[];
  readonly heardInstants: readonly ProjectedHeardInstant[];
  readonly alarms: readonly ProjectedAlarm[];
  readonly alarmTimeline: readonly AlarmTimelineEntry[];
  readonly devices: readonly ProjectedDevice[];
  readonly calendars: readonly ProjectedCalendar[];
  readonly exceptions: readonly ProjectedException[];
}
/** The kind of a record, as a key of {@link ReadModelRecords}. */
export type RecordKind = keyof ReadModelRecords;
/** A record of one kind. */
export type ReadModelRecord<Kind extends RecordKind> = ReadModelRecords[Kind][number];

/** An empty set of records. */
export const NO_READ_MODEL_RECORDS: ReadModelRecords = {
  rules: [],
  openings: [],
  intervals: [],
  heardInstants: [],
  alarms: [],
  alarmTimeline: [],
  devices: [],
  calendars: [],
  exceptions: [],
};

/** The users that records make known. Each rule and each reading belongs to an opening, so openings stand for these. */
export const getKnownUserIds = ({
  openings,
  devices,
  calendars,
  exceptions,
}: Pick<ReadModelRecords, 'openings' | 'devices' | 'calendars' | 'exceptions'>): ReadonlySet<string> =>
  new Set([
    ...openings.map(({ userId }) => userId),
    ...[...devices, ...calendars, ...exceptions].map(({ state }) => state.userId),
  ]);
