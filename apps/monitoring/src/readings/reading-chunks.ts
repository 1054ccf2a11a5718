import { ALARM_KINDS } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';

/** The largest number of alarms of one rule and one interval. */
const MAX_ALARMS_PER_INTERVAL = ALARM_KINDS.length;

/** Readings that share a transaction, with the end of their intervals one or two more. About 10 ms. */
const MAX_READINGS_PER_CHUNK = 100;
/**
 * Alarms that one transaction changes at most, unless one interval changes more. About 80 ms. It is more than the default
 * quotas allow for one interval: 50 rules and 50 deleted ones, two alarms each.
 */
export const MAX_ALARM_CHANGES_PER_CHUNK = 300;
/** The possible alarms of a part of a chunk that changed too many. */
const MAX_POSSIBLE_ALARMS_PER_PART = 150;
/** Alarms that the readings of a chunk can raise. Most readings raise none: to evaluate them takes about 25 ms. */
const MAX_POSSIBLE_ALARMS_PER_CHUNK = 5_000;
/** So many readings are one interval, which is not split: without its end, it would raise alarms that its end disproves. */
export const MAX_INDIVISIBLE_READINGS = 2;

/** The largest number of alarms that readings can raise: each starts or ends one interval. */
export const estimateMaxAlarms = (readings: number, rules: number): number =>
  readings * rules * MAX_ALARMS_PER_INTERVAL;

/** A chunk changes more alarms than one transaction may. */
export class ChunkTooLargeError extends Error {
  override name = 'ChunkTooLargeError';
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
 * Readings of different openings are independent. Those of one opening are in the order of their instants, and no chunk
 * leaves an interval open that the command closes, which would raise alarms that the next chunk retracts. A chunk ends
 * between a `CLOSED` and an `OPEN` reading, or between many readings of one state. If that is `OPEN`, the chunk also takes the
 * `CLOSED` reading that follows.
 * @param countRules counts the rules that can raise an alarm for an opening
 * @param maxAlarms the alarms that the readings of a chunk can raise
 */
export function splitIntoChunks(
  byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  countRules: (opening: string, readings: readonly SensorReading[]) => number,
  maxAlarms = MAX_POSSIBLE_ALARMS_PER_CHUNK,
): readonly ReadingChunk[] {
  const total = countReadings(byOpening);
  if (total <= MAX_INDIVISIBLE_READINGS) return [{ openings: [...byOpening], size: total }];
  const chunks: { openings: OpeningReadings[]; size: number; alarms: number }[] = [];
  for (const [opening, readings] of byOpening) {
    const rules = countRules(opening, readings);
    for (const part of splitReadings(readings, rules, maxAlarms)) {
      const alarms = countIntervals(part) * rules * MAX_ALARMS_PER_INTERVAL;
      let last = chunks.at(-1);
      const fits =
        last && last.size + part.length <= MAX_READINGS_PER_CHUNK && last.alarms + alarms <= maxAlarms;
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

export function countReadings(byOpening: ReadonlyMap<string, readonly SensorReading[]>): number {
  let total = 0;
  for (const readings of byOpening.values()) total += readings.length;
  return total;
}

/**
 * Splits a chunk that changes too many alarms: between intervals if possible, otherwise into halves.
 * @param countRules counts the rules that can raise an alarm for an opening
 */
export function splitChunk(
  { openings }: ReadingChunk,
  countRules: (opening: string, readings: readonly SensorReading[]) => number,
): readonly ReadingChunk[] {
  const chunks = splitIntoChunks(new Map(openings), countRules, MAX_POSSIBLE_ALARMS_PER_PART);
  return chunks.length > 1 ? chunks : openings.flatMap(splitIntoHalves);
}

function splitIntoHalves([opening, readings]: OpeningReadings): ReadingChunk[] {
  const second = orderByInstant(readings);
  const first = second.splice(0, findMiddle(second));
  takeIntervalEnd(first, second);
  return [first, second]
    .filter((part) => part.length > 0)
    .map((part) => ({ openings: [[opening, part]], size: part.length }));
}

/** Finds the place nearest to the middle that is not between the start and the end of an interval. */
function findMiddle(ordered: readonly SensorReading[]): number {
  const middle = Math.ceil(ordered.length / 2);
  const places = ordered.map((_, index) => index).slice(1);
  const canSplit = (isPossible: typeof canSplitBetween) =>
    places
      .filter((place) => isPossible(ordered[place - 1], ordered[place]))
      .sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || b - a)[0];
  // Many readings of one instant are split too.
  return canSplit(canSplitBetween) ?? canSplit((a, b) => !isInterval(a, b)) ?? ordered.length;
}

const isInterval = (reading?: SensorReading, next?: SensorReading): boolean =>
  reading?.state === 'OPEN' && next?.state === 'CLOSED';

const canSplitBetween = (reading?: SensorReading, next?: SensorReading): boolean =>
  reading?.at !== next?.at && !isInterval(reading, next);

/** Moves the end of the interval that a part of the readings leaves open, if there is one, from the readings after it. */
function takeIntervalEnd(part: SensorReading[], following: SensorReading[]): void {
  if (part.at(-1)?.state !== 'OPEN') return;
  const end = following.findIndex(({ state }) => state === 'CLOSED');
  if (end >= 0) part.push(...following.splice(end, 1));
}

/** The intervals that readings of one opening change if it has no other readings at their time. */
const countIntervals = (readings: readonly SensorReading[]): number =>
  1 +
  Math.min(
    ...(['OPEN', 'CLOSED'] as const).map((one) => readings.filter(({ state }) => state === one).length),
  );

function splitReadings(
  readings: readonly SensorReading[],
  rules: number,
  maxAlarms: number,
): (readonly SensorReading[])[] {
  const maxIntervals = Math.max(1, Math.floor(maxAlarms / (rules * MAX_ALARMS_PER_INTERVAL)));
  if (readings.length <= MAX_READINGS_PER_CHUNK && countIntervals(readings) <= maxIntervals + 1)
    return [readings];
  const parts: SensorReading[][] = [];
  let intervals = 0;
  let previous: SensorReading | undefined;
  const following = orderByInstant(readings);
  for (let reading = following.shift(); reading; reading = following.shift()) {
    const part = parts.at(-1);
    const canSplit = canSplitBetween(previous, reading);
    if (canSplit && previous?.state === 'CLOSED' && reading.state === 'OPEN') intervals++;
    const isFull = intervals >= maxIntervals || (part && part.length >= MAX_READINGS_PER_CHUNK);
    if (!part || (canSplit && isFull)) {
      if (part) takeIntervalEnd(part, following);
      parts.push([reading]);
      intervals = 0;
    } else {
      part.push(reading);
    }
    previous = reading;
  }
  return parts;
}

/** Of several readings with one id the first of the command counts, whatever its instant. */
function orderByInstant(readings: readonly SensorReading[]): SensorReading[] {
  const byId = new Map<string, SensorReading>();
  for (const reading of readings) if (!byId.has(reading.id)) byId.set(reading.id, reading);
  return [...byId.values()].sort((a, b) => a.at - b.at);
}
