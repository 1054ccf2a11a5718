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
  let open: JudgedReading | undefined;
  for (const { at, opened, closed } of byInstant(readings)) {
    const inside = open;
    if (inside && closed) {
      intervals.push(intervalFrom(inside, at));
      open = opened;
    } else if (!inside && opened) {
      if (closed) intervals.push(intervalFrom(opened, at));
      else open = opened;
    }
  }
  if (open) intervals.push(intervalFrom(open, null));
  return intervals;
}

/** The state after all given readings, and since when it is. */
export function stateOf(readings: readonly JudgedReading[]): StateSince {
  const last = intervalsOf(readings).at(-1);
  if (last) return stateAfter(last);
  const first = readings.toSorted(compareReadings)[0];
  return { state: first?.state ?? null, since: first?.at ?? null };
}

/** The state that an opening's last interval leaves it in. */
export const stateAfter = ({ startedAt, endedAt }: JudgedInterval): StateSince =>
  endedAt === null ? { state: 'OPEN', since: startedAt } : { state: 'CLOSED', since: endedAt };

export const intervalFrom = ({ id, at }: JudgedReading, endedAt: number | null): JudgedInterval => ({
  startId: id,
  startedAt: at,
  endedAt,
});

/** What is reported of one instant: all that matters is whether each state occurs, and who opened first. */
interface Moment {
  readonly at: number;
  readonly opened: JudgedReading | undefined;
  readonly closed: boolean;
}

function byInstant(readings: readonly JudgedReading[]): Moment[] {
  const known = new Map<string, JudgedReading>();
  for (const reading of readings) if (!known.has(reading.id)) known.set(reading.id, reading);
  const moments: Moment[] = [];
  for (const reading of [...known.values()].sort(compareReadings)) {
    const last = moments.at(-1);
    const same = last?.at === reading.at ? moments.pop() : undefined;
    moments.push({
      at: reading.at,
      opened: same?.opened ?? (reading.state === 'OPEN' ? reading : undefined),
      closed: same?.closed === true || reading.state === 'CLOSED',
    });
  }
  return moments;
}
