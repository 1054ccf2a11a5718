import type { OpeningState, Signal } from '@seguridad-abc/contracts';

/**
 * One report about an opening. It says nothing about a signal that is null. In this package, instants are whole milliseconds
 * since 1970.
 */
export interface SensorReading {
  /** Unique per opening. */
  readonly id: string;
  readonly at: number;
  readonly state: OpeningState | null;
  readonly tampered: boolean | null;
  readonly batteryLow: boolean | null;
}

/** What one reading says about one signal. */
export interface SignalReport {
  /** The id of the reading. */
  readonly id: string;
  readonly at: number;
  /** True begins an interval of the signal, false ends it. */
  readonly value: boolean;
}

/** The time during which a signal is true: `[startedAt, endedAt)`. */
export interface SignalInterval {
  /** The reading that starts the interval. It identifies the interval among those of its opening and signal. */
  readonly startId: string;
  readonly startedAt: number;
  /** Null while the signal is true. Equal to `startedAt` if the signal was true and false at one instant. */
  readonly endedAt: number | null;
}

/** The present value of a signal. */
export interface SignalValueSince {
  /** Null if no reading reports the signal. */
  readonly value: boolean | null;
  /** The instant of the last change of the value. A repeated report does not move it. */
  readonly since: number | null;
}

const SIGNAL_READERS: Readonly<Record<Signal, (reading: SensorReading) => boolean | null>> = {
  OPEN: ({ state }) => (state === null ? null : state === 'OPEN'),
  TAMPERED: ({ tampered }) => tampered,
  BATTERY_LOW: ({ batteryLow }) => batteryLow,
};

/** What a reading says about a signal; undefined if it says nothing. */
export function getSignalReport(reading: SensorReading, signal: Signal): SignalReport | undefined {
  const value = SIGNAL_READERS[signal](reading);
  return value === null ? undefined : { id: reading.id, at: reading.at, value };
}

/**
 * Lists what readings say about a signal.
 * @param readings of several with one id, the first in the array counts
 */
export function listSignalReports(readings: readonly SensorReading[], signal: Signal): SignalReport[] {
  const byId = new Map<string, SensorReading>();
  for (const reading of readings) if (!byId.has(reading.id)) byId.set(reading.id, reading);
  return [...byId.values()].flatMap((reading) => getSignalReport(reading, signal) ?? []);
}

/** The present value of the signal `OPEN` as a state. */
export function toOpeningState(value: boolean | null): OpeningState | null {
  if (value === null) return null;
  return value ? 'OPEN' : 'CLOSED';
}

/**
 * Derives all intervals of one signal of one opening, in order (docs/evaluation.md#intervals).
 * @param reports all reports of the signal, in any order; of several with one id, the first in the array counts
 */
export function deriveIntervals(reports: readonly SignalReport[]): SignalInterval[] {
  const intervals: SignalInterval[] = [];
  let present: SignalInterval | undefined;
  for (const simultaneous of groupByInstant(reports)) {
    const step = advanceInterval(present, simultaneous);
    if (step.ended) intervals.push(step.ended);
    present = step.present;
  }
  if (present) intervals.push(present);
  return intervals;
}

/** Derives the value of a signal after all reports. */
export function deriveSignalValue(reports: readonly SignalReport[]): SignalValueSince {
  const last = deriveIntervals(reports).at(-1);
  if (last) return getValueAfterInterval(last);
  const [first] = groupByInstant(reports);
  return first ? { value: false, since: first.at } : { value: null, since: null };
}

/** The value of a signal after its last interval. */
export const getValueAfterInterval = ({ startedAt, endedAt }: SignalInterval): SignalValueSince =>
  endedAt === null ? { value: true, since: startedAt } : { value: false, since: endedAt };

/** The reports of one instant, as far as they matter for intervals. */
export interface SimultaneousReports {
  readonly at: number;
  /** The first report of true in the order of readings. */
  readonly begins: SignalReport | undefined;
  /** Whether there is a report of false. */
  readonly ends: boolean;
}

export interface IntervalStep {
  /** The interval that ends at the instant. */
  readonly ended?: SignalInterval;
  /** The interval that lasts after the instant. */
  readonly present: SignalInterval | undefined;
}

/**
 * Applies the reports of one instant. If both values are reported, a present interval ends and another one starts; without a
 * present interval, one of no length starts and ends.
 * @param present the interval that lasts before the instant
 */
export function advanceInterval(
  present: SignalInterval | undefined,
  { at, begins, ends }: SimultaneousReports,
): IntervalStep {
  const started = begins && { startId: begins.id, startedAt: at, endedAt: null };
  if (present) return ends ? { ended: { ...present, endedAt: at }, present: started } : { present };
  return started && ends ? { ended: { ...started, endedAt: at }, present: undefined } : { present: started };
}

function groupByInstant(reports: readonly SignalReport[]): SimultaneousReports[] {
  const byId = new Map<string, SignalReport>();
  for (const report of reports) if (!byId.has(report.id)) byId.set(report.id, report);
  const groups: SimultaneousReports[] = [];
  for (const report of [...byId.values()].sort(compareReadings)) {
    const { at, value } = report;
    const sameInstant = groups.at(-1)?.at === at ? groups.pop() : undefined;
    groups.push({
      at,
      begins: sameInstant?.begins ?? (value ? report : undefined),
      ends: sameInstant?.ends === true || !value,
    });
  }
  return groups;
}

/** The order of readings: by instant, then by the code points of the id. */
export const compareReadings = (
  a: Pick<SensorReading, 'at' | 'id'>,
  b: Pick<SensorReading, 'at' | 'id'>,
): number => a.at - b.at || compareCodePoints(a.id, b.id);

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
