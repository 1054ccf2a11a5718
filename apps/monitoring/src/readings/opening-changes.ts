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
  type SignalInterval,
  type SignalReport,
} from '@seguridad-abc/evaluation';
import { runAll } from '../db/run-all.js';
import {
  createChangedSilence,
  findLateOpeningSpan,
  listChangedIntervals,
  NO_READING,
  type ChangedEpisode,
} from './changed-episodes.js';
import type { WatchedEpisodes } from '../rules/rule-repository.js';
import { computeWithHistory, createLoadedRanges, type LoadedRanges } from './loaded-ranges.js';
import type { OpeningRecord, OpeningTableAccess, PresentState } from './opening-tables.js';

/** What readings have changed of an opening. */
export interface UpdatedOpening {
  /** The opening with its present state. */
  readonly opening: OpeningRecord;
  readonly change: OpeningChange;
  readonly episodes: readonly ChangedEpisode[];
}

export interface OpeningUpdateOptions {
  readonly tables: Pick<OpeningTableAccess, 'openings' | 'readings' | 'intervals'>;
  /** What the rules of an opening may watch for besides intervals. */
  readonly findWatched: (openingId: number) => Promise<WatchedEpisodes>;
  /** Forgets the alarms that were pending for an open interval. */
  readonly forgetPendingAlarms: (openingId: number) => Promise<void>;
}

/**
 * Updates the intervals and the state of an opening after readings have taken effect or were withdrawn.
 * @param changed these readings; without any, the present state is described
 * @param nowMs the server's instant
 */
export async function updateOpening(
  { tables, findWatched, forgetPendingAlarms }: OpeningUpdateOptions,
  opening: OpeningRecord,
  changed: readonly SensorReading[],
  nowMs: number,
): Promise<UpdatedOpening> {
  const reported = listReportedSignals(changed);
  // Statements that do not depend on each other are sent together: over a network, each wait costs more than the statement.
  const [watched, ...changes] = await runAll([
    changed.length > 0 ? findWatched(opening.id) : NOTHING_WATCHED,
    ...reported.map(({ signal, instants }) => computeIntervals(tables, opening.id, signal, instants)),
  ]);
  const changesBySignal = new Map<Signal, IntervalChanges>();
  reported.forEach(({ signal }, index) => {
    const ofSignal = changes[index];
    if (ofSignal) changesBySignal.set(signal, ofSignal);
  });
  const present = derivePresentState(opening, changesBySignal);
  const ofOpen = changesBySignal.get('OPEN');
  const lateOpenings = ofOpen && watched.lateOpenings ? findLateOpeningSpan(ofOpen, nowMs) : undefined;
  // The opening is closed, or open since another instant.
  const endsOpenInterval =
    ofOpen !== undefined && (ofOpen.value === false || ofOpen.put.at(-1)?.endedAt === null);
  const [silences] = await runAll([
    watched.silences ? listChangedSilences(tables, opening.id, changed) : [],
    ...saveIntervals(tables, opening.id, changesBySignal),
    changesBySignal.size > 0 ? tables.openings.setState(opening.id, present) : undefined,
    endsOpenInterval ? forgetPendingAlarms(opening.id) : undefined,
  ]);
  return {
    opening: { ...opening, ...present },
    change: toOpeningChange(opening, present, changesBySignal),
    episodes: [
      ...[...changesBySignal].flatMap(([signal, ofSignal]) => listChangedIntervals(signal, ofSignal)),
      ...(lateOpenings ? [lateOpenings] : []),
      ...silences,
    ],
  };
}

/** Rows of a history that are loaded besides one for each changed reading. */
const FURTHER_ROWS = 8;

/** Lists the signals that readings report, with the instants of the reports. */
const listReportedSignals = (changed: readonly SensorReading[]) =>
  SIGNALS.map((signal) => ({
    signal,
    instants: changed.flatMap((reading) => getSignalReport(reading, signal)?.at ?? []),
  })).filter(({ instants }) => instants.length > 0);

/** Computes how readings of some instants change the intervals of a signal. */
async function computeIntervals(
  { readings, intervals }: Pick<OpeningTableAccess, 'readings' | 'intervals'>,
  openingId: number,
  signal: Signal,
  instants: readonly number[],
): Promise<IntervalChanges> {
  const pageSize = instants.length + FURTHER_ROWS;
  const createReports = (value: boolean) =>
    createLoadedRanges<SignalReport>(
      {
        getInstant: ({ at }) => at,
        findFrom: (at, limit) => readings.findReports(openingId, signal, value, at, limit),
        findAround: () => Promise.reject(new Error('No report before an instant is needed.')),
      },
      pageSize,
    );
  const [begins, ends] = [createReports(true), createReports(false)];
  const stored = createLoadedIntervals({ intervals }, openingId, signal, pageSize);
  await runAll([begins.load(instants, false), ends.load(instants, false), stored.load(instants, true)]);
  return computeWithHistory(() =>
    applyReadings(
      {
        firstReport: (value, from) => (value ? begins : ends).firstFrom(from),
        intervalBefore: (at) => stored.lastBefore(at),
        intervalsBetween: (from, until) => stored.between(from, until),
      },
      instants,
    ),
  );
}

/** Loads intervals of a signal when they are needed. @param pageSize the number of intervals that are loaded together */
export const createLoadedIntervals = (
  { intervals }: Pick<OpeningTableAccess, 'intervals'>,
  openingId: number,
  signal: Signal,
  pageSize: number,
): LoadedRanges<SignalInterval> =>
  createLoadedRanges(
    {
      getInstant: ({ startedAt }) => startedAt,
      findFrom: (at, limit) => intervals.findFrom(openingId, signal, at, limit),
      findAround: (at, limit) => intervals.findAround(openingId, signal, at, limit),
    },
    pageSize,
  );

const saveIntervals = (
  { intervals }: Pick<OpeningTableAccess, 'intervals'>,
  openingId: number,
  changes: ReadonlyMap<Signal, IntervalChanges>,
): Promise<void>[] =>
  [...changes].flatMap(([signal, { put, removed }]) => [
    ...removed.map(({ startedAt }) => intervals.remove(openingId, signal, startedAt)),
    ...(put.length > 0 ? [intervals.upsert(openingId, signal, put)] : []),
  ]);

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
async function listChangedSilences(
  tables: Pick<OpeningTableAccess, 'readings'>,
  openingId: number,
  changed: readonly SensorReading[],
): Promise<ChangedEpisode[]> {
  const instants = [...new Set(changed.map(({ at }) => at))].sort((a, b) => a - b);
  const heard = createLoadedHeard(tables, openingId, instants.length + FURTHER_ROWS);
  await heard.load(instants, true);
  return computeWithHistory(() => {
    const starts = new Set<number>();
    for (const at of instants) {
      starts.add(heard.lastBefore(at) ?? NO_READING);
      starts.add(at);
    }
    return [...starts].map((startedAt) =>
      createChangedSilence(startedAt, getPresentSilence(heard, startedAt), false),
    );
  });
}

/** Loads the instants of readings when they are needed. */
const createLoadedHeard = (
  { readings }: Pick<OpeningTableAccess, 'readings'>,
  openingId: number,
  pageSize: number,
): LoadedRanges<number> =>
  createLoadedRanges(
    {
      getInstant: (at) => at,
      findFrom: (at, limit) => readings.listHeardFrom(openingId, at, limit),
      async findAround(at, limit) {
        const [before, from] = await runAll([
          readings.findHeardBefore(openingId, at),
          readings.listHeardFrom(openingId, at, limit),
        ]);
        return before === undefined ? from : [before, ...from];
      },
    },
    pageSize,
  );

/** The silence that begins with a reading; undefined if there is no effective reading of this instant. */
function getPresentSilence(heard: LoadedRanges<number>, startedAt: number): ChangedEpisode['present'] {
  if (startedAt !== NO_READING && heard.firstFrom(startedAt) !== startedAt) return undefined;
  return { endedAt: heard.firstFrom(startedAt + 1) ?? null };
}

/** Finds the silences that begin with readings of some instants. */
export async function findPresentSilences(
  tables: Pick<OpeningTableAccess, 'readings'>,
  openingId: number,
  starts: readonly number[],
): Promise<Map<number, ChangedEpisode['present']>> {
  const heard = createLoadedHeard(tables, openingId, starts.length + FURTHER_ROWS);
  await heard.load(starts, false);
  return computeWithHistory(
    () => new Map(starts.map((startedAt) => [startedAt, getPresentSilence(heard, startedAt)])),
  );
}
