import type { OpeningState } from '@seguridad-abc/contracts';
import { compareReadings, type SensorReading } from './sensor-reading.js';

/** A time in which an opening was, or still is, open: from `startedAt` up to, not including, `endedAt`. */
export interface OpenInterval {
  /** The `OPEN` reading that starts it; it names the interval among those of its opening. */
  readonly startId: string;
  readonly startedAt: number;
  /** Null while it is open. Equal to `startedAt` where the opening was opened and closed within one instant. */
  readonly endedAt: number | null;
}

export interface OpeningStateSince {
  /** Null while there is no reading. */
  readonly state: OpeningState | null;
  /** When it came to be in this state; a repeated report does not move it. */
  readonly since: number | null;
}

/**
 * All intervals of one opening, in order.
 * @param readings all of its readings, in any order; of those with one id the first given counts
 */
export function deriveIntervals(readings: readonly SensorReading[]): OpenInterval[] {
  const intervals: OpenInterval[] = [];
  let inside: OpenInterval | undefined;
  for (const moment of momentsOf(readings)) {
    const { ended, open } = advanceInterval(inside, moment);
    if (ended) intervals.push(ended);
    inside = open;
  }
  if (inside) intervals.push(inside);
  return intervals;
}

/** The state after all given readings, and since when it is. */
export function deriveOpeningState(readings: readonly SensorReading[]): OpeningStateSince {
  const last = deriveIntervals(readings).at(-1);
  if (last) return openingStateAfter(last);
  const [first] = momentsOf(readings);
  return first ? { state: 'CLOSED', since: first.at } : { state: null, since: null };
}

/** The state that an opening's last interval leaves it in. */
export const openingStateAfter = ({ startedAt, endedAt }: OpenInterval): OpeningStateSince =>
  endedAt === null ? { state: 'OPEN', since: startedAt } : { state: 'CLOSED', since: endedAt };

/** What is reported of one instant: all that matters is whether either state is, and by which reading it opens first. */
export interface InstantReport {
  readonly at: number;
  readonly opened: SensorReading | undefined;
  readonly closed: boolean;
}

export interface IntervalStep {
  /** The interval that ends. */
  readonly ended?: OpenInterval;
  /** The one that the opening is in afterwards. */
  readonly open: OpenInterval | undefined;
}

/**
 * Lets an instant pass. Where both states are reported of it, an interval that the opening is in ends and another begins;
 * outside of one, one of no length begins and ends.
 *
 * @param inside the interval that the opening is in when the instant comes
 */
export function advanceInterval(
  inside: OpenInterval | undefined,
  { at, opened, closed }: InstantReport,
): IntervalStep {
  const begun = opened && { startId: opened.id, startedAt: at, endedAt: null };
  if (inside) return closed ? { ended: { ...inside, endedAt: at }, open: begun } : { open: inside };
  return begun && closed ? { ended: { ...begun, endedAt: at }, open: undefined } : { open: begun };
}

function momentsOf(readings: readonly SensorReading[]): InstantReport[] {
  const known = new Map<string, SensorReading>();
  for (const reading of readings) if (!known.has(reading.id)) known.set(reading.id, reading);
  const moments: InstantReport[] = [];
  for (const reading of [...known.values()].sort(compareReadings)) {
    const { at, state } = reading;
    const same = moments.at(-1)?.at === at ? moments.pop() : undefined;
    moments.push({
      at,
      opened: same?.opened ?? (state === 'OPEN' ? reading : undefined),
      closed: same?.closed === true || state === 'CLOSED',
    });
  }
  return moments;
}
