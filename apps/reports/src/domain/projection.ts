import {
  parseLogEvent,
  type AlarmChange,
  type AlarmChangeKind,
  type AlarmEvent,
  type LogEntry,
  type MonitoringEvent,
  type OpeningEvent,
  type RuleChange,
  type RuleState,
  type Signal,
} from '@seguridad-abc/contracts';
import type {
  AlarmTimelineEntry,
  AlarmTimelineKind,
  ProjectedAlarm,
  ProjectedHeardInstant,
  ProjectedInterval,
  ProjectedRule,
  ReadModelRecord,
  ReadModelRecords,
  RecordKind,
} from './read-model.js';

/*
 * The projection from log entries to the read model, in three steps:
 *
 *   1. `parseLogEntries` separates readable events from entries to set aside.
 *   2. `deriveReadModelRecords` turns the events into records, as they are after each event.
 *   3. `mergeIntoStoredRecords` merges them into the stored records with the same keys.
 *
 * `estimateNextReadCount` and `splitIntoTransactionBatches` limit how many entries are projected at once.
 */

/** An event with its log position. */
export interface PositionedLogEvent {
  readonly position: number;
  readonly event: MonitoringEvent;
}

/** An entry that is not in the read model. It is stored, and can be tried again. */
export interface SetAsideEntry {
  readonly entry: LogEntry;
  readonly reason: string;
  /** How often its projection has failed. Undefined: this software version cannot read it. */
  readonly attempts?: number | undefined;
}

/** The entries of a batch, separated by whether this software version can read them. */
export interface ParsedLogEntries {
  /** In log order. */
  readonly events: readonly PositionedLogEvent[];
  /** In log order. */
  readonly setAside: readonly SetAsideEntry[];
}

/** Separates the entries that can be projected from those that a later software version must read. */
export function parseLogEntries(entries: readonly LogEntry[]): ParsedLogEntries {
  const events: PositionedLogEvent[] = [];
  const setAside: SetAsideEntry[] = [];
  for (const entry of entries) {
    const parsed = parseLogEvent(entry);
    if (parsed.ok) events.push({ position: entry.position, event: parsed.event });
    else setAside.push({ entry, reason: parsed.reason });
  }
  return { events, setAside };
}

/** Derives the records that events carry, in log order. The result has a record for each change, so keys can repeat. */
export function deriveReadModelRecords(events: readonly PositionedLogEvent[]): ReadModelRecords {
  const records: { [Kind in RecordKind]: ReadModelRecord<Kind>[] } = {
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
  const add = <Kind extends RecordKind>(
    kind: Kind,
    derived: readonly ReadModelRecord<Kind>[] | undefined,
  ) => {
    if (derived) for (const record of derived) (records[kind] as ReadModelRecord<Kind>[]).push(record);
  };
  for (const event of events) {
    const derived = deriveEventRecords(event);
    for (const kind in derived) add(kind as RecordKind, derived[kind as RecordKind]);
  }
  return records;
}

function deriveEventRecords({ event, position }: PositionedLogEvent): Partial<ReadModelRecords> {
  switch (event.type) {
    case 'RuleCreated':
    case 'RuleUpdated':
    case 'RuleDeleted': {
      const { rule } = event.data;
      // Position 0: any reading of the opening is newer.
      const opening = {
        userId: rule.userId,
        name: rule.opening,
        state: null,
        since: null,
        tampered: null,
        batteryLow: null,
        changedPosition: 0,
      };
      return {
        rules: [{ state: rule, createdPosition: position, changedPosition: position }],
        openings: [opening],
      };
    }
    case 'ReadingsRecorded':
    case 'OpeningChanged':
    case 'ReadingsWithdrawn':
      return deriveOpeningRecords(event, position);
    // The store applies an erasure, and removes history: it knows which rows these are.
    case 'EventErased':
    case 'UserErased':
    case 'HistoryRemoved':
      return {};
    case 'AlarmRaised':
    case 'AlarmCleared':
    case 'AlarmRetracted':
    case 'AlarmAcknowledged':
    case 'AlarmUpdated':
    case 'AlarmClaimed':
    case 'AlarmReleased':
    case 'AlarmCommented':
    case 'AlarmResolved':
      return {
        alarms: [
          { state: event.data.alarm, change: ALARM_CHANGE_KINDS[event.type], changedPosition: position },
        ],
        alarmTimeline: [deriveTimelineEntry(event, position)],
      };
    case 'DeviceRegistered':
    case 'DeviceRevoked':
      return { devices: [{ state: event.data.device, createdPosition: position }] };
    case 'CalendarCreated':
    case 'CalendarUpdated':
    case 'CalendarDeleted':
      return { calendars: [{ state: event.data.calendar, changedPosition: position }] };
    case 'ExceptionCreated':
    case 'ExceptionCancelled':
      return { exceptions: [{ state: event.data.exception, changedPosition: position }] };
  }
}

const ALARM_CHANGE_KINDS = {
  AlarmRaised: 'RAISED',
  AlarmCleared: 'CLEARED',
  AlarmRetracted: 'RETRACTED',
  AlarmAcknowledged: 'ACKNOWLEDGED',
  AlarmUpdated: 'UPDATED',
  AlarmClaimed: 'CLAIMED',
  AlarmReleased: 'RELEASED',
  AlarmCommented: 'COMMENTED',
  AlarmResolved: 'RESOLVED',
} as const satisfies Record<AlarmEvent['type'], AlarmChangeKind>;

function deriveTimelineEntry(event: AlarmEvent, position: number): AlarmTimelineEntry {
  const { id, version, status, raisedAt, clearedAt, updatedAt } = event.data.alarm;
  return {
    alarmId: id,
    version,
    kind: getTimelineKind(event),
    at: updatedAt,
    status,
    endedAt: status === 'ACTIVE' ? null : (clearedAt ?? raisedAt),
    position,
    ...describeTimelineEntry(event),
  };
}

const getTimelineKind = ({ type, data }: AlarmEvent): AlarmTimelineKind =>
  type === 'AlarmRaised' && data.alarm.version > 1 ? 'RETURNED' : ALARM_CHANGE_KINDS[type];

function describeTimelineEntry(event: AlarmEvent): Pick<AlarmTimelineEntry, 'by' | 'text' | 'code'> {
  const { alarm } = event.data;
  switch (event.type) {
    case 'AlarmRaised':
    case 'AlarmRetracted':
      return { by: null, text: alarm.reason, code: null };
    case 'AlarmCleared':
    case 'AlarmUpdated':
      return { by: null, text: null, code: null };
    case 'AlarmAcknowledged':
      return { by: alarm.acknowledgedBy, text: alarm.note, code: null };
    case 'AlarmClaimed':
      return { by: alarm.claimedBy, text: null, code: null };
    case 'AlarmReleased':
      return { by: event.data.releasedBy, text: null, code: null };
    case 'AlarmCommented':
      return { ...event.data.comment, code: null };
    case 'AlarmResolved':
      return {
        by: alarm.resolution?.by ?? null,
        text: alarm.resolution?.note ?? null,
        code: alarm.resolution?.code ?? null,
      };
  }
}

function deriveOpeningRecords(event: OpeningEvent, changedPosition: number): Partial<ReadModelRecords> {
  const { userId, opening, state, since, tampered, batteryLow, intervals, removed } = event.data;
  // Most events of a log are of readings. Objects that are written out are created several times faster than those with spreads.
  const toInterval = (
    signal: Signal,
    startId: string,
    startedAt: string | null,
    endedAt: string | null,
  ): ProjectedInterval => ({ userId, opening, signal, startId, startedAt, endedAt, changedPosition });
  const toHeard = (at: string, isHeard: boolean): ProjectedHeardInstant => ({
    userId,
    opening,
    at: Date.parse(at),
    isHeard,
    changedPosition,
  });
  const heardInstants = listReadingInstants(event).map((at) => toHeard(at, true));
  if (event.type === 'ReadingsWithdrawn')
    for (const at of event.data.instantsWithoutReading) heardInstants.push(toHeard(at, false));
  return {
    openings: [{ userId, name: opening, state, since, tampered, batteryLow, changedPosition }],
    intervals: [
      ...removed.map(({ signal, startId }) => toInterval(signal, startId, null, null)),
      ...intervals.map(({ signal, startId, startedAt, endedAt }) =>
        toInterval(signal, startId, startedAt, endedAt),
      ),
    ],
    heardInstants,
  };
}

/**
 * The instants of readings that an event shows. Software before the schema version 2 compacted a log to events without their
 * readings: there, an interval starts and ends with a reading.
 */
function listReadingInstants({ type, version, data }: OpeningEvent): readonly string[] {
  if (type === 'ReadingsRecorded') return data.readings.map(({ at }) => at);
  if (type !== 'OpeningChanged' || version !== 1) return [];
  return data.intervals.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [startedAt] : [startedAt, endedAt],
  );
}

/** The erasure of a user's data up to a log position. `UserErased` names the user by a pseudonym. */
export interface UserErasure {
  readonly position: number;
  readonly pseudonym: string;
  readonly salt: string;
}

/** Finds the erasures among events. */
export const findUserErasures = (events: readonly PositionedLogEvent[]): UserErasure[] =>
  events.flatMap(({ position, event }) => (event.type === 'UserErased' ? { position, ...event.data } : []));

/** The removal of the history from before an instant. */
export interface HistoryRemoval {
  /** The position of the event. */
  readonly position: number;
  /** What ended before this instant is removed. */
  readonly before: string;
  /** The position up to which the log is compacted. */
  readonly upTo: number;
}

/** Finds the removals of history among events. */
export const findHistoryRemovals = (events: readonly PositionedLogEvent[]): HistoryRemoval[] =>
  events.flatMap(({ position, event }) =>
    event.type === 'HistoryRemoved' ? { position, before: event.data.before, upTo: event.data.position } : [],
  );

/** The effect of a batch on the read model and its subscribers. */
export interface ProjectionResult {
  /** The new and changed records in their final state, each key once. */
  readonly records: ReadModelRecords;
  readonly changes: RuleAndAlarmChangesToPublish;
}

/** Changes of rules and alarms to publish to subscribers, in log order. */
export interface RuleAndAlarmChangesToPublish {
  readonly rules: readonly RuleChange[];
  readonly alarms: readonly AlarmChange[];
}

/**
 * Merges the records of a batch into the read model.
 * @param incoming the records that the batch's events carry
 * @param stored the read model's records with the same keys
 */
export function mergeIntoStoredRecords(
  incoming: ReadModelRecords,
  stored: ReadModelRecords,
): ProjectionResult {
  const merge = <Kind extends RecordKind>(kind: Kind): MergedRecords<ReadModelRecord<Kind>> =>
    mergeRecordsByKey<ReadModelRecord<Kind>>(READ_MODEL_RECORD_MERGES[kind], stored[kind], incoming[kind]);
  const rules = merge('rules');
  const alarms = merge('alarms');
  return {
    records: {
      rules: rules.changed,
      openings: merge('openings').changed,
      intervals: merge('intervals').changed,
      heardInstants: merge('heardInstants').changed,
      alarms: alarms.changed,
      alarmTimeline: merge('alarmTimeline').changed,
      devices: merge('devices').changed,
      calendars: merge('calendars').changed,
      exceptions: merge('exceptions').changed,
    },
    changes: {
      rules: getAppliedRecords(rules).map(toRuleChange),
      alarms: alarms.steps.filter(isAlarmStepApplied).map(({ merged }) => toAlarmChange(merged)),
    },
  };
}

/** How records of one kind are identified and merged. */
interface RecordMerge<Stored> {
  readonly getKey: (record: Stored) => string;
  /**
   * Commutative, associative and idempotent: the read model does not depend on the order of the events, or on how often
   * each arrives.
   * @returns `stored` itself if the incoming record brings nothing new
   */
  readonly merge: (stored: Stored, incoming: Stored) => Stored;
}

const takeLatest = <Positioned extends { readonly changedPosition: number }>(
  stored: Positioned,
  incoming: Positioned,
): Positioned => (incoming.changedPosition > stored.changedPosition ? incoming : stored);

/** Each event carries the complete state. The highest version wins; the lowest position is that of the creation. */
function mergeVersions<
  Stored extends { readonly state: { readonly version: number }; readonly createdPosition: number },
>(stored: Stored, incoming: Stored): Stored {
  const { state } = incoming.state.version > stored.state.version ? incoming : stored;
  const createdPosition = Math.min(stored.createdPosition, incoming.createdPosition);
  if (state === stored.state && createdPosition === stored.createdPosition) return stored;
  return { ...stored, state, createdPosition };
}

/** As {@link mergeVersions}, for what has no position of its creation: a compacted log has only its last event. */
const takeHighestVersion = <Stored extends { readonly state: { readonly version: number } }>(
  stored: Stored,
  incoming: Stored,
): Stored => (incoming.state.version > stored.state.version ? incoming : stored);

/**
 * As {@link takeHighestVersion}. Once an alarm needs a resolution, it does so in all its later versions: an event without the field, of
 * an instance of monitoring of an earlier version, does not take it out of the queue.
 */
function mergeAlarms(stored: ProjectedAlarm, incoming: ProjectedAlarm): ProjectedAlarm {
  const latest = takeHighestVersion(stored, incoming);
  const { state } = latest;
  const needsResolution = stored.state.needsResolution || incoming.state.needsResolution;
  return state.needsResolution === needsResolution
    ? latest
    : { ...latest, state: { ...state, needsResolution } };
}

/** Whether the state of an event took effect: `mergeAlarms` can have changed it. */
const isAlarmStepApplied = ({ incoming, merged }: MergedRecords<ProjectedAlarm>['steps'][number]): boolean =>
  merged.state.version === incoming.state.version;

/** As {@link mergeVersions}. The position of the change belongs to the version. */
function mergeRules(stored: ProjectedRule, incoming: ProjectedRule): ProjectedRule {
  const merged = mergeVersions(stored, incoming);
  return merged.state === stored.state ? merged : { ...merged, changedPosition: incoming.changedPosition };
}

/** The key and the merge of each kind of record. */
export const READ_MODEL_RECORD_MERGES: { readonly [Kind in RecordKind]: RecordMerge<ReadModelRecord<Kind>> } =
  {
    rules: { getKey: ({ state }) => state.id, merge: mergeRules },
    devices: { getKey: ({ state }) => state.id, merge: mergeVersions },
    calendars: { getKey: ({ state }) => state.id, merge: takeHighestVersion },
    exceptions: { getKey: ({ state }) => state.id, merge: takeHighestVersion },
    openings: { getKey: ({ userId, name }) => JSON.stringify([userId, name]), merge: takeLatest },
    intervals: {
      getKey: ({ userId, opening, signal, startId }) => JSON.stringify([userId, opening, signal, startId]),
      merge: takeLatest,
    },
    heardInstants: {
      getKey: ({ userId, opening, at }) => JSON.stringify([userId, opening, at]),
      merge: takeLatest,
    },
    alarms: { getKey: ({ state }) => state.id, merge: mergeAlarms },
    alarmTimeline: {
      getKey: ({ alarmId, version }) => JSON.stringify([alarmId, version]),
      // A version of an alarm has one event.
      merge: (stored) => stored,
    },
  };

/** The result of merging incoming records into stored ones. */
export interface MergedRecords<Stored> {
  /** The new and changed records in their final state, each key once. */
  readonly changed: readonly Stored[];
  /** Each incoming record that had an effect, in order, with the record after the merge. */
  readonly steps: readonly { readonly incoming: Stored; readonly merged: Stored }[];
}

/** Merges incoming records into stored ones, one after another. */
export function mergeRecordsByKey<Stored>(
  { getKey, merge }: RecordMerge<Stored>,
  stored: readonly Stored[],
  incoming: readonly Stored[],
): MergedRecords<Stored> {
  const current = new Map(stored.map((record) => [getKey(record), record]));
  const changed = new Map<string, Stored>();
  const steps: { incoming: Stored; merged: Stored }[] = [];
  for (const record of incoming) {
    const key = getKey(record);
    const before = current.get(key);
    const merged = before === undefined ? record : merge(before, record);
    if (merged === before) continue;
    current.set(key, merged);
    changed.set(key, merged);
    steps.push({ incoming: record, merged });
  }
  return { changed: [...changed.values()], steps };
}

/** The incoming records whose state took effect, including those that a later one of the batch replaced. */
const getAppliedRecords = <Stored extends { readonly state: object }>({
  steps,
}: MergedRecords<Stored>): Stored[] =>
  steps.flatMap(({ incoming, merged }) => (merged.state === incoming.state ? incoming : []));

/** The message that tells subscribers about the last change of an alarm. */
export const toAlarmChange = ({ state, change, changedPosition }: ProjectedAlarm): AlarmChange => ({
  v: 1,
  kind: change,
  position: changedPosition,
  alarm: state,
});

/** The message that tells subscribers about the last change of a rule. */
export const toRuleChange = ({ state, changedPosition }: ProjectedRule): RuleChange => ({
  v: 1,
  kind: getRuleChangeKind(state),
  position: changedPosition,
  rule: state,
});

const getRuleChangeKind = ({ deletedAt, version }: RuleState): RuleChange['kind'] => {
  if (deletedAt !== null) return 'DELETED';
  return version === 1 ? 'CREATED' : 'UPDATED';
};

/** Maximum number of entries to read at once. It applies if the entries are small. */
export const MAX_ENTRIES_PER_LOG_READ = 500;
/** Maximum weight of a batch. A transaction of this weight is efficient and delays queries by about 10 ms only. */
export const MAX_BATCH_WEIGHT = 1_000;

/**
 * 1 for the entry and 1 for each item of its lists: one entry can carry a thousand readings. An erasure and a removal of history
 * are batches alone: they take effect between the batches before and after them.
 */
function getEntryWeight({ type, data }: LogEntry): number {
  if (type === 'UserErased' || type === 'HistoryRemoved') return Infinity;
  return Object.values(data ?? {}).reduce<number>(
    (weight, value) => weight + (Array.isArray(value) ? value.length : 0),
    1,
  );
}

/**
 * Splits entries into batches for one transaction each. No batch is empty. A batch is too heavy only if its single
 * entry is.
 */
export function splitIntoTransactionBatches(
  entries: readonly LogEntry[],
  maxWeight = MAX_BATCH_WEIGHT,
): LogEntry[][] {
  const batches: LogEntry[][] = [];
  let weight = 0;
  for (const entry of entries) {
    const entryWeight = getEntryWeight(entry);
    const batch = batches.at(-1);
    if (batch && weight + entryWeight <= maxWeight) {
      batch.push(entry);
      weight += entryWeight;
    } else {
      batches.push([entry]);
      weight = entryWeight;
    }
  }
  return batches;
}

/**
 * Estimates how many entries to read next for about one batch, from the average weight of the last ones.
 * @returns 1 to {@link MAX_ENTRIES_PER_LOG_READ}
 */
export function estimateNextReadCount(last: readonly LogEntry[]): number {
  const weight = last.reduce((sum, entry) => sum + getEntryWeight(entry), 0);
  if (weight === 0) return MAX_ENTRIES_PER_LOG_READ;
  return Math.max(
    1,
    Math.min(MAX_ENTRIES_PER_LOG_READ, Math.round((MAX_BATCH_WEIGHT * last.length) / weight)),
  );
}

/**
 * Folds a text for searching: removes accents and the difference between upper and lower case.
 * The fold of a part of a text is a part of the fold of the whole text.
 */
export const foldTextForSearch = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    // Some letters are equal only in upper case (ß and ss), so the text goes to upper case in between.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    // The only letter whose lower case depends on its neighbors.
    .replace(/ς/gu, 'σ');
