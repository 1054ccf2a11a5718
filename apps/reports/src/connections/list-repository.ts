/** The values of the columns that order a list. Unique in the list; cursors hold it. A newer node has a greater key. */
export type ListSortKey = readonly (string | number)[];

/** A node of a list with its position in the list's order. */
export interface ListItem<Node, Key extends ListSortKey> {
  readonly node: Node;
  readonly sortKey: Key;
}

/** Limits a read to items whose sort key is between two keys. */
export interface SortKeyRange<Key extends ListSortKey> {
  /** Only items with a smaller key. */
  readonly below?: Key | undefined;
  /** Only items with a greater key. */
  readonly above?: Key | undefined;
  /** Also the items that have exactly these keys. @default false */
  readonly inclusive?: boolean | undefined;
}

/** The part of a list to read. */
export interface ListSlice<Key extends ListSortKey> extends SortKeyRange<Key> {
  /** The order by sort key. `limit` counts from the first item in this order. */
  readonly order: 'ascending' | 'descending';
  /** Maximum number of items. @default no limit */
  readonly limit?: number | undefined;
}

/** Column values that all items of a list share, for example the user. An empty scope selects all rows. */
export type ListScope<Column extends string> = Readonly<Partial<Record<Column, string | undefined>>>;

/**
 * Reads lists of one kind of node. Each method runs one statement for any number of lists.
 * All scopes of a call must have the same columns. Results are in the order of the scopes.
 */
export interface ListRepository<Column extends string, Filter, Node, Key extends ListSortKey> {
  readSlices(
    scopes: readonly ListScope<Column>[],
    filter: Filter,
    slice: ListSlice<Key>,
  ): Promise<ListItem<Node, Key>[][]>;
  /** The number of items in each list. */
  readCounts(scopes: readonly ListScope<Column>[], filter: Filter): Promise<number[]>;
  /** Whether each list has an item within the range. */
  readExistence(
    scopes: readonly ListScope<Column>[],
    filter: Filter,
    range: SortKeyRange<Key>,
  ): Promise<boolean[]>;
}
