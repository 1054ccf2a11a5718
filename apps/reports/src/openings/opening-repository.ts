import type { OpeningIntervalRecord, Signal } from '@seguridad-abc/contracts';
import type { ListRepository } from '../connections/list-repository.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';

/** Columns that the scope of a list of openings may fix. */
export type OpeningScopeColumn = 'userId';

/** Openings are listed in the order of their names, which are unique for a user. */
export type OpeningSortKey = readonly [name: string];

/** Lists of openings have no filter. */
export type OpeningFilter = Readonly<Record<string, never>>;

/** An opening of a user. */
export interface OpeningKey {
  readonly userId: string;
  readonly opening: string;
}

/** The intervals of a signal of an opening in a period. */
export interface IntervalSelection extends OpeningKey {
  readonly signal: Signal;
  /** Instant. The interval that contains it is selected too. */
  readonly from: string;
  /** Instant. */
  readonly to: string;
  /** Only intervals that start after this instant. */
  readonly after?: string | undefined;
  /** Maximum number of intervals. */
  readonly limit: number;
}

/** The instants in a period at which an opening was heard. */
export interface HeardInstantSelection extends OpeningKey {
  /** In ms since 1970. The last instant before it, or at it, is selected too. */
  readonly from: number;
  /** In ms since 1970, inclusive. */
  readonly to: number;
  /** Only instants after this one. In ms since 1970. */
  readonly after?: number | undefined;
  /** Maximum number of instants. */
  readonly limit: number;
}

/** Reads projected openings, their intervals and the instants at which they were heard. Each method runs one statement. */
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
  /** Finds the intervals of a signal that overlap `[from, to)` or start within it, ordered by start. */
  findIntervals(selection: IntervalSelection): Promise<readonly OpeningIntervalRecord[]>;
  /** Finds the instants at which an opening was heard in a period, in order. In ms since 1970. */
  findHeardInstants(selection: HeardInstantSelection): Promise<readonly number[]>;
  /**
   * Finds the last instant at which each opening was heard, in ms since 1970. Null: it was not heard yet.
   * @param until in ms since 1970; later instants, of early readings, are left out
   */
  findLastHeardInstants(openings: readonly OpeningKey[], until: number): Promise<readonly (number | null)[]>;
}
