import {
  parseLogEvent,
  SECOND_EVENT_VERSION,
  type AlarmState,
  type LogEntry,
  type MonitoringEvent,
  type OpeningChange,
  type OpeningEvent,
  type OpeningIntervalRecord,
} from '@seguridad-abc/contracts';
import { isAlarmBeforeHorizon, isIntervalBeforeHorizon } from '@seguridad-abc/evaluation';
import { createHeardInstants } from './heard-instants.js';

/** Selects the entries of a log from which the states at its end can be derived again. */
export interface SnapshotSelection {
  /** To be called with each entry, in log order. */
  observe(entry: LogEntry): void;
  /** Whether `observeAgain` has to be called with each entry, in log order, before the selection is complete. */
  readonly needsSecondPass: boolean;
  observeAgain(entry: LogEntry): void;
  /** The positions of the selected entries, in order. */
  listPositions(): number[];
  /**
   * Returns what a selected entry contributes to the snapshot. An entry about an opening has only what no later entry changes.
   * @returns undefined if the entry is not needed
   */
  select(entry: LogEntry): LogEntry | undefined;
}

/**
 * Creates a selection. It keeps:
 * - every entry about rules, devices and erasures of users, and those that this version cannot read,
 * - every entry about each alarm, its timeline, except those up to one that says that the alarm ended before the horizon,
 * - the last entry about each calendar, exception, interval and opening, unless the interval ended before the horizon,
 * - the last reading of each opening before the horizon, and all from the horizon on: they tell when the opening was heard.
 *
 * The entries keep their positions, and each state is carried by the last entry about it. So a reader that applies the snapshot
 * and then the later entries has the states of one that has applied all entries, except for what the horizon removes.
 * @param before the horizon, an instant
 */
export function createSnapshotSelection(before: string): SnapshotSelection {
  const kept = new Set<number>();
  const calendars = new Map<string, number>();
  const exceptions = new Map<string, number>();
  /** The positions of the entries about each alarm. */
  const alarms = new Map<string, Set<number>>();
  const openings = new Map<string, number>();
  const intervals = new Map<string, number>();
  const heard = createHeardInstants(before);

  const observeAlarm = (alarm: AlarmState, position: number) => {
    if (isAlarmBeforeHorizon(alarm, before)) {
      // The map holds only what is not over, so its size does not depend on the length of the log.
      alarms.delete(alarm.id);
      return;
    }
    const known = alarms.get(alarm.id);
    if (known) known.add(position);
    else alarms.set(alarm.id, new Set([position]));
  };

  const observeOpening = (event: OpeningEvent, position: number) => {
    const change = event.data;
    openings.set(getOpeningKey(change), position);
    heard.observe(getOpeningKey(change), event, position);
    for (const key of change.removed) intervals.delete(getIntervalKey(change, key));
    for (const interval of change.intervals) {
      const key = getIntervalKey(change, interval);
      // The map holds only what is not over, so its size does not depend on the length of the log.
      if (isIntervalBeforeHorizon(interval, before)) intervals.delete(key);
      else intervals.set(key, position);
    }
  };

  const selectOpening = (entry: LogEntry, event: OpeningEvent): LogEntry | undefined => {
    const change = event.data;
    const key = getOpeningKey(change);
    const isLast = openings.get(key) === entry.position;
    const needed = change.intervals.filter(
      (interval) => intervals.get(getIntervalKey(change, interval)) === entry.position,
    );
    const received = event.type === 'ReadingsRecorded' ? event.data.readings : [];
    const readings = received.filter(({ at }) => heard.isNeeded(key, at, entry.position));
    if (!isLast && needed.length === 0 && readings.length === 0) return undefined;
    const { userId, opening, state, since, tampered, batteryLow } = change;
    const signals = { state, since, tampered, batteryLow };
    const data: OpeningChange = { userId, opening, ...signals, intervals: needed, removed: [] };
    if (readings.length > 0)
      return {
        ...entry,
        type: 'ReadingsRecorded',
        version: SECOND_EVENT_VERSION,
        data: { ...data, readings },
      };
    // Readers take the ends of intervals in version 1 for readings: an older software compacted to events without them.
    const version = event.type === 'OpeningChanged' ? event.version : SECOND_EVENT_VERSION;
    return { ...entry, type: 'OpeningChanged', version, data };
  };

  return {
    observe(entry) {
      const parsed = parseLogEvent(entry);
      const { position } = entry;
      if (!parsed.ok || isKeptAlways(parsed.event)) {
        kept.add(position);
        return;
      }
      const { data } = parsed.event;
      if ('calendar' in data) calendars.set(data.calendar.id, position);
      else if ('exception' in data) exceptions.set(data.exception.id, position);
      else if ('alarm' in data) observeAlarm(data.alarm, position);
      else if (isOpeningEvent(parsed.event)) observeOpening(parsed.event, position);
    },
    get needsSecondPass() {
      return heard.needsSecondPass;
    },
    observeAgain(entry) {
      const parsed = parseLogEvent(entry);
      if (parsed.ok && isOpeningEvent(parsed.event))
        heard.observeAgain(getOpeningKey(parsed.event.data), parsed.event, entry.position);
    },
    listPositions() {
      const positions = [calendars, exceptions, openings, intervals].flatMap((lasts) => [...lasts.values()]);
      const ofAlarms = [...alarms.values()].flatMap((entries) => [...entries]);
      return [...new Set([...kept, ...positions, ...ofAlarms, ...heard.listPositions()])].sort(
        (a, b) => a - b,
      );
    },
    select(entry) {
      const parsed = parseLogEvent(entry);
      if (!parsed.ok || isKeptAlways(parsed.event)) return entry;
      const { data } = parsed.event;
      const selectLast = (lasts: ReadonlyMap<string, number>, { id }: { readonly id: string }) =>
        lasts.get(id) === entry.position ? entry : undefined;
      if ('calendar' in data) return selectLast(calendars, data.calendar);
      if ('exception' in data) return selectLast(exceptions, data.exception);
      if ('alarm' in data) return alarms.get(data.alarm.id)?.has(entry.position) ? entry : undefined;
      return isOpeningEvent(parsed.event) ? selectOpening(entry, parsed.event) : undefined;
    },
  };
}

/** Definitions are kept whole: there are few, and a restore derives the versions of rules from them. */
const isKeptAlways = ({ type, data }: MonitoringEvent): boolean =>
  'rule' in data || 'device' in data || type === 'UserErased';

const isOpeningEvent = (event: MonitoringEvent): event is OpeningEvent =>
  event.type === 'ReadingsRecorded' || event.type === 'OpeningChanged' || event.type === 'ReadingsWithdrawn';

const getOpeningKey = ({ userId, opening }: OpeningChange) => JSON.stringify([userId, opening]);
const getIntervalKey = (
  { userId, opening }: OpeningChange,
  { signal, startId }: Pick<OpeningIntervalRecord, 'signal' | 'startId'>,
) => JSON.stringify([userId, opening, signal, startId]);
