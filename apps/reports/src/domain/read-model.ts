import type {
  AlarmChangeKind,
  AlarmState,
  DeviceState,
  OpeningState,
  RuleState,
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
}

/** An opening as the read model stores it. Its first reading or first rule makes it known. */
export interface ProjectedOpeningState {
  readonly userId: string;
  readonly name: string;
  /** Null until a reading has taken effect. */
  readonly state: OpeningState | null;
  /** The instant at which the opening came into this state. */
  readonly since: string | null;
  /** The log position of the last event that carried the state; 0 before the first. */
  readonly changedPosition: number;
}

/** An interval as the read model stores it. */
export interface ProjectedInterval {
  readonly userId: string;
  readonly opening: string;
  /** The id of the reading that starts it. It identifies the interval among those of its opening. */
  readonly startId: string;
  /** Null: a later event removed the interval. The record remains, so that an older event cannot restore it. */
  readonly startedAt: string | null;
  /** Null while the opening is open. */
  readonly endedAt: string | null;
  /** The log position of the last event about the interval. */
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

/** A device as the read model stores it. */
export interface ProjectedDevice {
  readonly state: DeviceState;
  /** The log position of the device's first event. It is unique, so lists are ordered by it. */
  readonly createdPosition: number;
}

/** Records of all kinds that the read model stores. */
export interface ReadModelRecords {
  readonly rules: readonly ProjectedRule[];
  readonly openings: readonly ProjectedOpeningState[];
  readonly intervals: readonly ProjectedInterval[];
  readonly alarms: readonly ProjectedAlarm[];
  readonly devices: readonly ProjectedDevice[];
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
  alarms: [],
  devices: [],
};

/** The users that records make known. Each rule and each reading belongs to an opening, so openings stand for these. */
export const getKnownUserIds = ({
  openings,
  devices,
}: Pick<ReadModelRecords, 'openings' | 'devices'>): ReadonlySet<string> =>
  new Set([...openings.map(({ userId }) => userId), ...devices.map(({ state }) => state.userId)]);
