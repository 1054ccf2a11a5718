import {
  formatInstant,
  SIGNALS,
  type OpeningChange,
  type OpeningIntervalRecord,
  type Signal,
} from '@seguridad-abc/contracts';
import {
  applyReadings,
  getSignalReport,
  toOpeningState,
  type IntervalChanges,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import {
  createChangedSilence,
  findLateOpeningSpan,
  listChangedIntervals,
  NO_READING,
  type ChangedEpisode,
} from './changed-episodes.js';
import type { WatchedEpisodes } from '../rules/rule-repository.js';
import type { OpeningRecord, OpeningTableAccess, PresentState } from './opening-tables.js';

/** What readings have changed of an opening. */
export interface UpdatedOpening {
  /** The opening with its present state. */
  readonly opening: OpeningRecord;
  readonly change: OpeningChange;
  readonly episodes: readonly ChangedEpisode[];
  /** Whether alarms that were pending for an open interval are not pending any more. */
  readonly endsOpenInterval: boolean;
}

export interface OpeningUpdateOptions {
  readonly tables: Pick<OpeningTableAccess, 'openings' | 'readings' | 'intervals'>;
  /** What the rules of an opening may watch for besides intervals. */
  readonly findWatched: (openingId: number) => WatchedEpisodes;
}

/**
 * Updates the intervals and the state of an opening after readings have taken effect or were withdrawn.
 * @param changed these readings; without any, the present state is described
 * @param nowMs the server's instant
 */
export function updateOpening(
  { tables, findWatched }: OpeningUpdateOptions,
  opening: OpeningRecord,
  changed: readonly SensorReading[],
  nowMs: number,
): UpdatedOpening {
  const { openings } = tables;
  const changesBySignal = new Map<Signal, IntervalChanges>();
  for (const signal of SIGNALS) {
    const instants = changed.flatMap((reading) => getSignalReport(reading, signal)?.at ?? []);
    if (instants.length > 0)
      changesBySignal.set(signal, updateIntervals(tables, opening.id, signal, instants));
  }
  const present = derivePresentState(opening, changesBySignal);
  if (changesBySignal.size > 0) openings.setState(opening.id, present);
  const ofOpen = changesBySignal.get('OPEN');
  const watched = changed.length > 0 ? findWatched(opening.id) : NOTHING_WATCHED;
  const lateOpenings = ofOpen && watched.lateOpenings ? findLateOpeningSpan(ofOpen, nowMs) : undefined;
  return {
    opening: { ...opening, ...present },
    change: toOpeningChange(opening, present, changesBySignal),
    episodes: [
      ...[...changesBySignal].flatMap(([signal, changes]) => listChangedIntervals(signal, changes)),
      ...(lateOpenings ? [lateOpenings] : []),
      ...(watched.silences ? listChangedSilences(tables, opening.id, changed) : []),
    ],
    endsOpenInterval: ofOpen !== undefined && (ofOpen.value === false || ofOpen.put.at(-1)?.endedAt === null),
  };
}

function updateIntervals(
  { readings, intervals }: Pick<OpeningTableAccess, 'readings' | 'intervals'>,
  openingId: number,
  signal: Signal,
  instants: readonly number[],
): IntervalChanges {
  const changes = applyReadings(
    {
      firstReport: (value, from) => readings.findFirst(openingId, signal, value, from),
      intervalBefore: (at) => intervals.findLastBefore(openingId, signal, at),
      intervalsBetween: (from, until) => intervals.findBetween(openingId, signal, from, until),
    },
    instants,
  );
  for (const { startedAt } of changes.removed) intervals.remove(openingId, signal, startedAt);
  for (const interval of changes.put) intervals.upsert(openingId, signal, interval);
  return changes;
}

const derivePresentState = (
  before: PresentState,
  changes: ReadonlyMap<Signal, IntervalChanges>,
): PresentState => {
  const [open, tampered, batteryLow] = [
    changes.get('OPEN'),
    changes.get('TAMPERED'),
    changes.get('BATTERY_LOW'),
  ];
  return {
    state: open ? toOpeningState(open.value) : before.state,
    since: open ? open.since : before.since,
    tampered: tampered ? tampered.value : before.tampered,
    batteryLow: batteryLow ? batteryLow.value : before.batteryLow,
  };
};

function toOpeningChange(
  { userId, name }: OpeningRecord,
  { state, since, tampered, batteryLow }: PresentState,
  changes: ReadonlyMap<Signal, IntervalChanges>,
): OpeningChange {
  const intervals: OpeningIntervalRecord[] = [];
  const removed: OpeningChange['removed'] = [];
  for (const [signal, ofSignal] of changes) {
    for (const { startId, startedAt, endedAt } of ofSignal.put)
      intervals.push({
        signal,
        startId,
        startedAt: formatInstant(startedAt),
        endedAt: formatNullableInstant(endedAt),
      });
    for (const { startId } of ofSignal.removed) removed.push({ signal, startId });
  }
  return {
    userId,
    opening: name,
    state,
    since: formatNullableInstant(since),
    tampered,
    batteryLow,
    intervals,
    removed,
  };
}

const formatNullableInstant = (ms: number | null) => (ms === null ? null : formatInstant(ms));

const NOTHING_WATCHED: WatchedEpisodes = { silences: false, lateOpenings: false };

/** Each reading ends the silence before it and begins another one. */
function listChangedSilences(
  { readings }: Pick<OpeningTableAccess, 'readings'>,
  openingId: number,
  changed: readonly SensorReading[],
): ChangedEpisode[] {
  const instants = [...new Set(changed.map(({ at }) => at))].sort((a, b) => a - b);
  const starts = new Set<number>();
  for (const at of instants) {
    starts.add(readings.findHeardBefore(openingId, at) ?? NO_READING);
    starts.add(at);
  }
  return [...starts].map((startedAt) =>
    createChangedSilence(startedAt, findPresentSilence({ readings }, openingId, startedAt), false),
  );
}

/** The silence that begins with a reading; undefined if there is no effective reading of this instant. */
export function findPresentSilence(
  { readings }: Pick<OpeningTableAccess, 'readings'>,
  openingId: number,
  startedAt: number,
): ChangedEpisode['present'] {
  if (startedAt !== NO_READING && readings.findHeardFrom(openingId, startedAt) !== startedAt)
    return undefined;
  return { endedAt: readings.findHeardFrom(openingId, startedAt + 1) ?? null };
}
