import type { OpeningIntervalRecord } from '@seguridad-abc/contracts';
import type { ProjectedOpeningState } from '../domain/read-model.js';

/** Reads projected openings and their intervals. Each method runs one statement. */
export interface OpeningReader {
  /** Finds the openings of each user, ordered by name. A user without openings has an empty list. */
  findByUserIds(userIds: readonly string[]): Promise<ReadonlyMap<string, readonly ProjectedOpeningState[]>>;
  /**
   * Finds the intervals of an opening that overlap `[from, to)` or start within it, ordered by start.
   * @param from instant
   * @param to instant
   */
  findIntervals(
    userId: string,
    opening: string,
    from: string,
    to: string,
  ): Promise<readonly OpeningIntervalRecord[]>;
}
