/** Where a node stands in its lists: the values that order them, and that cursors hold. No two nodes share one. */
export type Place = readonly (string | number)[];

export interface Placed<Node, At extends Place> {
  readonly node: Node;
  readonly place: At;
}

/** A part of a list. The newest node has the greatest place. */
export interface Bounds<At extends Place> {
  /** Only what stands before this place, */
  readonly below?: At | undefined;
  /** and after this one. */
  readonly above?: At | undefined;
  /** Also what stands at these places. @default false */
  readonly inclusive?: boolean | undefined;
}

export interface Stretch<At extends Place> extends Bounds<At> {
  /** The order of what is answered, and the end from which it is taken. */
  readonly order: 'newest first' | 'oldest first';
  /** @default all of it */
  readonly limit?: number | undefined;
}

/** What a list is of: the columns that have one value in all of it. Of nothing: the list of all. */
export type Of<Column extends string> = Readonly<Partial<Record<Column, string | undefined>>>;

/**
 * Reads parts of lists. Each call is one statement for any number of lists, which are of the same columns; answers come
 * in their order.
 */
export interface ListReader<Column extends string, Filter, Node, At extends Place> {
  stretches(
    lists: readonly Of<Column>[],
    filter: Filter,
    stretch: Stretch<At>,
  ): Promise<Placed<Node, At>[][]>;
  counts(lists: readonly Of<Column>[], filter: Filter): Promise<number[]>;
  /** Whether there is anything of a list within the bounds. */
  any(lists: readonly Of<Column>[], filter: Filter, bounds: Bounds<At>): Promise<boolean[]>;
}
