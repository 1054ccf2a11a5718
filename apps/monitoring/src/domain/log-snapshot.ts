import {
  parseLogEvent,
  SECOND_EVENT_VERSION,
  type LogEntry,
  type MonitoringEvent,
  type OpeningChange,
  type OpeningEvent,
  type OpeningIntervalRecord,
} from '@seguridad-abc/contracts';
import { isAlarmBeforeHorizon, isIntervalBeforeHorizon } from '@seguridad-abc/evaluation';

/** Selects the entries of a log from which the states at its end can be derived again. */
export interface SnapshotSelection {
  /** To be called with each entry, in log order. */
  observe(entry: LogEntry): void;
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
 * - the last entry about each alarm, interval and opening, unless the alarm or interval ended before the horizon.
 *
 * The entries keep their positions, and each state is carried by the last entry about it. So a reader that applies the snapshot
 * and then the later entries has the states of one that has applied all entries, except for what the horizon removes.
 * @param before the horizon, an instant
 */
export function createSnapshotSelection(before: string): SnapshotSelection {
  const kept = new Set<number>();
  const alarms = new Map<string, number>();
  const openings = new Map<string, number>();
  const intervals = new Map<string, number>();

  const observeOpening = (change: OpeningChange, position: number) => {
    openings.set(getOpeningKey(change), position);
    for (const key of change.removed) intervals.delete(getIntervalKey(change, key));
    for (const interval of change.intervals) {
      const key = getIntervalKey(change, interval);
      // The map holds only what is not over, so its size does not depend on the length of the log.
      if (isIntervalBeforeHorizon(interval, before)) intervals.delete(key);
      else intervals.set(key, position);
    }
  };

  const selectOpening = (entry: LogEntry, change: OpeningChange): LogEntry | undefined => {
    const { userId, opening, state, since, tampered, batteryLow } = change;
    const isLast = openings.get(getOpeningKey(change)) === entry.position;
    const needed = change.intervals.filter(
      (interval) => intervals.get(getIntervalKey(change, interval)) === entry.position,
    );
    if (!isLast && needed.length === 0) return undefined;
    const present = { userId, opening, state, since, tampered, batteryLow };
    const data: OpeningChange = { ...present, intervals: needed, removed: [] };
    return { ...entry, type: 'OpeningChanged', version: SECOND_EVENT_VERSION, data };
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
      if ('alarm' in data) {
        if (isAlarmBeforeHorizon(data.alarm, before)) alarms.delete(data.alarm.id);
        else alarms.set(data.alarm.id, position);
      } else if (isOpeningEvent(parsed.event)) observeOpening(parsed.event.data, position);
    },
    listPositions: () =>
      [...new Set([...kept, ...alarms.values(), ...openings.values(), ...intervals.values()])].sort(
        (a, b) => a - b,
      ),
    select(entry) {
      const parsed = parseLogEvent(entry);
      if (!parsed.ok || isKeptAlways(parsed.event)) return entry;
      const { data } = parsed.event;
      if ('alarm' in data) return alarms.get(data.alarm.id) === entry.position ? entry : undefined;
      return isOpeningEvent(parsed.event) ? selectOpening(entry, parsed.event.data) : undefined;
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
