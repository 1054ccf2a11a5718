import type { OpeningState } from '@seguridad-abc/contracts';
import type { OpenInterval } from './open-intervals.js';
import type { SensorReading } from './sensor-reading.js';

/**
 * What is on record of one opening, as `addReadings` asks for it: three questions that an index answers at once
 * (readings by state, instant and id; intervals by start). A reading that is ahead of the clock is not among them until it
 * takes effect.
 */
export interface IntervalHistory {
  /** The first reading of a state at or after an instant, in the order of readings. */
  firstReading(state: OpeningState, from: number): SensorReading | undefined;
  /** The interval that starts last before an instant. */
  intervalBefore(at: number): OpenInterval | undefined;
  /** The intervals that start at `from` or later and at `until` or earlier, in order. */
  intervalsBetween(from: number, until: number): readonly OpenInterval[];
}
