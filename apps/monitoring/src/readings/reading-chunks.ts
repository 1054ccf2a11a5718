import { ALARM_KINDS } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';

/** The largest number of alarms of one rule and one interval. */
const MAX_ALARMS_PER_INTERVAL = ALARM_KINDS.length;

/** Readings that share a transaction, unless an opening reports one state without a change for longer. About 10 ms. */
const MAX_READINGS_PER_CHUNK = 100;
/** Alarms that one transaction can raise, unless the rules of one interval raise more. About 40 ms. */
const MAX_ALARMS_PER_CHUNK = 150;

/** The largest number of alarms that readings can raise: each starts or ends one interval. */
export const estimateMaxAlarms = (readings: number, rules: number): number =>
  readings * rules * MAX_ALARMS_PER_INTERVAL;

/** A chunk changes more intervals than its readings let expect, because it is interleaved with stored readings. */
export class ChunkTooLargeError extends Error {
  override name = 'ChunkTooLargeError';
}

/**
 * Checks that the evaluation of changed intervals is small enough for a transaction.
 * @param readings the number of readings that change them; one reading is always accepted
 * @throws ChunkTooLargeError
 */
export function assertChunkSize(readings: number, changedIntervals: number, rules: number): void {
  // Twice as many, so that a chunk of regular readings never exceeds it.
  if (readings > 1 && changedIntervals * rules * MAX_ALARMS_PER_INTERVAL > 2 * MAX_ALARMS_PER_CHUNK)
    throw new ChunkTooLargeError();
}

/** The readings of one opening. */
type OpeningReadings = readonly [opening: string, readings: readonly SensorReading[]];

/** The readings that one transaction records. */
export interface ReadingChunk {
  readonly openings: readonly OpeningReadings[];
  /** The number of readings. */
  readonly size: number;
}

/**
 * Splits the readings of a command into transactions, so that other commands do not wait long.
 *
 * Readings of different openings are independent. Those of one opening are in the order of their instants, and a chunk ends
 * between a `CLOSED` and an `OPEN` reading: no chunk leaves an interval open that the command closes, which would raise
 * alarms that the next chunk retracts.
 * @param countRules counts the rules that can raise an alarm for an opening
 */
export function splitIntoChunks(
  byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  countRules: (opening: string, readings: readonly SensorReading[]) => number,
): readonly ReadingChunk[] {
  const chunks: { openings: OpeningReadings[]; size: number; alarms: number }[] = [];
  for (const [opening, readings] of byOpening) {
    const rules = countRules(opening, readings);
    for (const part of splitReadings(readings, rules)) {
      const alarms = countIntervals(part) * rules * MAX_ALARMS_PER_INTERVAL;
      let last = chunks.at(-1);
      const fits =
        last &&
        last.size + part.length <= MAX_READINGS_PER_CHUNK &&
        last.alarms + alarms <= MAX_ALARMS_PER_CHUNK;
      // Two parts of one opening are in different chunks: each chunk records an opening once.
      if (!last || !fits || last.openings.some(([name]) => name === opening)) {
        last = { openings: [], size: 0, alarms: 0 };
        chunks.push(last);
      }
      last.openings.push([opening, part]);
      last.size += part.length;
      last.alarms += alarms;
    }
  }
  return chunks;
}

/** Splits a chunk that is too large into halves of each opening. */
export const splitChunk = ({ openings }: ReadingChunk): readonly ReadingChunk[] =>
  openings.flatMap(([opening, readings]) => {
    const ordered = removeRepeatedIds(readings).sort((a, b) => a.at - b.at);
    const middle = Math.ceil(ordered.length / 2);
    return [ordered.slice(0, middle), ordered.slice(middle)]
      .filter((part) => part.length > 0)
      .map((part) => ({ openings: [[opening, part] as const], size: part.length }));
  });

/** The intervals that readings of one opening change if it has no other readings at their time. */
const countIntervals = (readings: readonly SensorReading[]): number =>
  1 +
  Math.min(
    ...(['OPEN', 'CLOSED'] as const).map((one) => readings.filter(({ state }) => state === one).length),
  );

function splitReadings(readings: readonly SensorReading[], rules: number): (readonly SensorReading[])[] {
  const maxIntervals = Math.max(1, Math.floor(MAX_ALARMS_PER_CHUNK / (rules * MAX_ALARMS_PER_INTERVAL)));
  if (readings.length <= MAX_READINGS_PER_CHUNK && countIntervals(readings) <= maxIntervals + 1)
    return [readings];
  const parts: SensorReading[][] = [];
  let intervals = 0;
  let previous: SensorReading | undefined;
  // Of several readings with one id the first of the command counts: it has to stay the first.
  for (const reading of removeRepeatedIds(readings).sort((a, b) => a.at - b.at)) {
    const isBetweenIntervals =
      previous?.state === 'CLOSED' && reading.state === 'OPEN' && previous.at < reading.at;
    if (isBetweenIntervals) intervals++;
    const part = parts.at(-1);
    const isFull = intervals >= maxIntervals || (part && part.length >= MAX_READINGS_PER_CHUNK);
    if (!part || (isBetweenIntervals && isFull)) {
      parts.push([reading]);
      intervals = 0;
    } else {
      part.push(reading);
    }
    previous = reading;
  }
  return parts;
}

function removeRepeatedIds(readings: readonly SensorReading[]): SensorReading[] {
  const byId = new Map<string, SensorReading>();
  for (const reading of readings) if (!byId.has(reading.id)) byId.set(reading.id, reading);
  return [...byId.values()];
}
