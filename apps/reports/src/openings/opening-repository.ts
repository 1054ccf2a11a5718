import type { OpeningIntervalRecord } from '@seguridad-abc/contracts';
import type { ListRepository } from '../connections/list-repository.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';

/** Columns that the scope of a list of openings may fix. */
export type OpeningScopeColumn = 'userId';

/** Openings are listed in the order of their names, which are unique for a user. */
export type OpeningSortKey = readonly [name: string];

/** Lists of openings have no filter. */
export type OpeningFilter = Readonly<Record<string, never>>;

/** The intervals of an opening in a period. */
export interface IntervalSelection {
  readonly userId: string;
  readonly opening: string;
  /** Instant. The interval that contains it is selected too. */
  readonly from: string;
  /** Instant. */
  readonly to: string;
  /** Only intervals that start after this instant. */
  readonly after?: string | undefined;
  /** Maximum number of intervals. */
  readonly limit: number;
}

/** Reads projected openings and their intervals. Each method runs one statement. */
export interface OpeningReader extends ListRepository<
  OpeningScopeColumn,
  OpeningFilter,
  ProjectedOpeningState,
  OpeningSortKey
> {
  /**
   * Finds the openings of each user, ordered by name. A user without openings has an empty list.
   * @param limit maximum number of openings of all users
   */
  findByUserIds(
    userIds: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly ProjectedOpeningState[]>>;
  /** Finds the intervals of an opening that overlap `[from, to)` or start within it, ordered by start. */
  findIntervals(selection: IntervalSelection): Promise<readonly OpeningIntervalRecord[]>;
}
