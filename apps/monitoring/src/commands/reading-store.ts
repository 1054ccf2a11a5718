import type { Actor } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';

/** Where readings are kept, and what they come to. */
export interface ReadingStore {
  /**
   * Records readings of a user's openings, those of them that are new, and judges what they change, after all of them.
   * What it resolves to survives a power cut.
   */
  record(
    caller: Actor,
    userId: string,
    byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  ): Promise<{ readonly accepted: number; readonly duplicates: number }>;
}
