import type { OpeningState } from '@seguridad-abc/contracts';
import { compareReadings, type JudgedReading } from './reading.js';

/** A time in which an opening was, or still is, open: from `startedAt` up to, not including, `endedAt`. */
export interface JudgedInterval {
  /** The `OPEN` reading that starts it; it names the interval among those of its opening. */
  readonly startId: string;
  readonly startedAt: number;
  /** Null while it is open. Equal to `startedAt` where the opening was opened and closed within one instant. */
  readonly endedAt: number | null;
}

export interface StateSince {
  /** Null while there is no reading. */
  readonly state: OpeningState | null;
  /** When it came to be in this state; a repeated report does not move it. */
  readonly since: number | null;
}

/**
 * All intervals of one opening, in order.
 * @param readings all of its readings, in any order; of those with one id the first given counts
 */
export function intervalsOf(readings: readonly JudgedReading[]): JudgedInterval[] {
  const intervals: JudgedInterval[] = [];
  let inside: JudgedInterval | undefined;
  for (const moment of momentsOf(readings)) {
    const { ended, open } = pass(inside, moment);
    if (ended) intervals.push(ended);
    inside = open;
  }
  if (inside) intervals.push(inside);
  return intervals;
}

/** The state after all given readings, and since when it is. */
export function stateOf(readings: readonly JudgedReading[]): StateSince {
  const last = intervalsOf(readings).at(-1);
  if (last) return stateAfter(last);
  const [first] = momentsOf(readings);
  return first ? { state: 'CLOSED', since: first.at } : { state: null, since: null };
}

/** The state that an opening's last interval leaves it in. */
export const stateAfter = ({ startedAt, endedAt }: JudgedInterval): StateSince =>
  endedAt === null ? { state: 'OPEN', since: startedAt } : { state: 'CLOSED', since: endedAt };

/** What is reported of one instant: all that matters is whether either state is, and by which reading it opens first. */
export interface Moment {
  readonly at: number;
  readonly opened: JudgedReading | undefined;
  readonly closed: boolean;
}

export interface Passed {
  /** The interval that ends. */
  readonly ended?: JudgedInterval;
  /** The one that the opening is in afterwards. */
  readonly open: JudgedInterval | undefined;
}

/**
 * Lets an instant pass. Where both states are reported of it, an interval that the opening is in ends and another begins;
 * outside of one, one of no length begins and ends.
 *
 * @param inside the interval that the opening is in when the instant comes
 */
export function pass(inside: JudgedInterval | undefined, { at, opened, closed }: Moment): Passed {
  const begun = opened && { startId: opened.id, startedAt: at, endedAt: null };
  if (inside) return closed ? { ended: { ...inside, endedAt: at }, open: begun } : { open: inside };
  return begun && closed ? { ended: { ...begun, endedAt: at }, open: undefined } : { open: begun };
}

function momentsOf(readings: readonly JudgedReading[]): Moment[] {
  const known = new Map<string, JudgedReading>();
  for (const reading of readings) if (!known.has(reading.id)) known.set(reading.id, reading);
  const moments: Moment[] = [];
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
