import type { OpeningChange } from '@seguridad-abc/contracts';
import {
  applyReadings,
  formatInstant,
  type IntervalChanges,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import type { OpeningRecord } from '../db/opening-records.js';
import type { Records } from '../db/records.js';

/** Lets readings that are on record take effect on their opening, inside the caller's transaction. */
export function takeEffect(
  { openings, readings, intervals }: Records,
  { id }: OpeningRecord,
  added: readonly SensorReading[],
): IntervalChanges {
  const changes = applyReadings(
    {
      firstReading: (state, from) => readings.first(id, state, from),
      intervalBefore: (at) => intervals.before(id, at),
      intervalsBetween: (from, until) => intervals.between(id, from, until),
    },
    added,
  );
  for (const startId of changes.removed) intervals.remove(id, startId);
  for (const interval of changes.put) intervals.put(id, interval);
  openings.setState(id, changes);
  return changes;
}

/** As the event log tells it. */
export const openingChange = (
  { userId, name }: OpeningRecord,
  { state, since, put, removed }: IntervalChanges,
): OpeningChange => ({
  userId,
  opening: name,
  state,
  since: instantOrNull(since),
  intervals: put.map(({ startId, startedAt, endedAt }) => ({
    startId,
    startedAt: formatInstant(startedAt),
    endedAt: instantOrNull(endedAt),
  })),
  removed: [...removed],
});

const instantOrNull = (ms: number | null) => (ms === null ? null : formatInstant(ms));
