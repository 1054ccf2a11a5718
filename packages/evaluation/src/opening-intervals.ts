import type { OpeningState } from '@seguridad-abc/contracts';

/** One report of an opening's state. In this package, instants are whole milliseconds since 1970. */
export interface SensorReading {
  /** Unique per opening. */
  readonly id: string;
  readonly state: OpeningState;
  readonly at: number;
}

/** The time during which an opening is open: `[startedAt, endedAt)`. */
export interface OpeningInterval {
  /** The `OPEN` reading that starts the interval. It identifies the interval among those of its opening. */
  readonly startId: string;
  readonly startedAt: number;
  /** Null while the interval is open. Equal to `startedAt` if the opening opened and closed at one instant. */
  readonly endedAt: number | null;
}

export interface OpeningStateSince {
  /** Null if there is no reading. */
  readonly state: OpeningState | null;
  /** The instant of the last change of the state. A repeated report does not move it. */
  readonly since: number | null;
}

/**
 * Derives all intervals of one opening, in order (docs/evaluation.md#intervals).
 * @param readings all readings of the opening, in any order; of several with one id, the first in the array counts
 */
export function deriveIntervals(readings: readonly SensorReading[]): OpeningInterval[] {
  const intervals: OpeningInterval[] = [];
  let open: OpeningInterval | undefined;
  for (const report of groupByInstant(readings)) {
    const step = advanceInterval(open, report);
    if (step.ended) intervals.push(step.ended);
    open = step.open;
  }
  if (open) intervals.push(open);
  return intervals;
}

/** Derives the opening's state after all readings. */
export function deriveOpeningState(readings: readonly SensorReading[]): OpeningStateSince {
  const last = deriveIntervals(readings).at(-1);
  if (last) return getStateAfterInterval(last);
  const [first] = groupByInstant(readings);
  return first ? { state: 'CLOSED', since: first.at } : { state: null, since: null };
}

/** The state of an opening after its last interval. */
export const getStateAfterInterval = ({ startedAt, endedAt }: OpeningInterval): OpeningStateSince =>
  endedAt === null ? { state: 'OPEN', since: startedAt } : { state: 'CLOSED', since: endedAt };

/** The readings of one instant, as far as they matter for intervals. */
export interface SimultaneousReadings {
  readonly at: number;
  /** The first `OPEN` reading in the order of readings. */
  readonly opened: SensorReading | undefined;
  /** Whether there is a `CLOSED` reading. */
  readonly closed: boolean;
}

export interface IntervalStep {
  /** The interval that ends at the instant. */
  readonly ended?: OpeningInterval;
  /** The interval that is open after the instant. */
  readonly open: OpeningInterval | undefined;
}

/**
 * Applies the readings of one instant. If both states are reported, an open interval ends and another one starts; without an
 * open interval, one of no length starts and ends.
 * @param open the interval that is open before the instant
 */
export function advanceInterval(
  open: OpeningInterval | undefined,
  { at, opened, closed }: SimultaneousReadings,
): IntervalStep {
  const started = opened && { startId: opened.id, startedAt: at, endedAt: null };
  if (open) return closed ? { ended: { ...open, endedAt: at }, open: started } : { open };
  return started && closed ? { ended: { ...started, endedAt: at }, open: undefined } : { open: started };
}

function groupByInstant(readings: readonly SensorReading[]): SimultaneousReadings[] {
  const byId = new Map<string, SensorReading>();
  for (const reading of readings) if (!byId.has(reading.id)) byId.set(reading.id, reading);
  const reports: SimultaneousReadings[] = [];
  for (const reading of [...byId.values()].sort(compareReadings)) {
    const { at, state } = reading;
    const sameInstant = reports.at(-1)?.at === at ? reports.pop() : undefined;
    reports.push({
      at,
      opened: sameInstant?.opened ?? (state === 'OPEN' ? reading : undefined),
      closed: sameInstant?.closed === true || state === 'CLOSED',
    });
  }
  return reports;
}

/** The order of readings: by instant, then by the code points of the id. */
export const compareReadings = (a: SensorReading, b: SensorReading): number =>
  a.at - b.at || compareCodePoints(a.id, b.id);

/** The order of UTF-8, and so of SQLite. `<` compares UTF-16 units, which sorts U+10000 before U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rankCodeUnit(x) - rankCodeUnit(y);
  }
  return a.length - b.length;
}

/** Ranks surrogates (of code points above U+FFFF) after all other units. */
const rankCodeUnit = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
