import DataLoader from 'dataloader';
import type { RequestBudget } from '../access/request-budget.js';
import { boundListRepository, type NodeWeight } from './bounded-list-repository.js';
import type {
  SortKeyRange,
  ListItem,
  ListRepository,
  ListScope,
  ListSlice,
  ListSortKey,
} from './list-repository.js';

/** One list: the items with these scope values that pass the filter. */
export interface ListSelection<Column extends string, Filter> {
  readonly scope: ListScope<Column>;
  readonly filter: Filter;
}

/** Reads lists for one request. Equal reads on different lists share one statement; repeated reads are cached. */
export interface ListLoader<Column extends string, Filter, Node, Key extends ListSortKey> {
  loadSlice(list: ListSelection<Column, Filter>, slice: ListSlice<Key>): Promise<ListItem<Node, Key>[]>;
  loadCount(list: ListSelection<Column, Filter>): Promise<number>;
  /** Whether the list has an item within the range. */
  loadExistence(list: ListSelection<Column, Filter>, range: SortKeyRange<Key>): Promise<boolean>;
}

/**
 * Creates the list loader of one request.
 * @param budget the work that the request may cause
 * @param weight as how many rows a node counts; default: one
 */
export function createListLoader<Column extends string, Filter, Node, Key extends ListSortKey>(
  unbounded: ListRepository<Column, Filter, Node, Key>,
  budget: RequestBudget,
  weight?: NodeWeight<Node>,
): ListLoader<Column, Filter, Node, Key> {
  const repository = boundListRepository(unbounded, budget, weight);
  const loadCount = createBatchedListRead<Column, Filter, undefined, number>((scopes, filter) =>
    repository.readCounts(scopes, filter),
  );
  return {
    loadSlice: createBatchedListRead((scopes, filter, slice) => repository.readSlices(scopes, filter, slice)),
    loadCount: (list) => loadCount(list, undefined),
    loadExistence: createBatchedListRead((scopes, filter, range) =>
      repository.readExistence(scopes, filter, range),
    ),
  };
}

/**
 * Batches reads that have the same filter, arguments and scope columns into one call of `read`.
 * A GraphQL operation that reads a list for each of 1,000 users so runs one statement, as it does for one user.
 */
export function createBatchedListRead<Column extends string, Filter, Args, Result>(
  read: (scopes: readonly ListScope<Column>[], filter: Filter, args: Args) => Promise<Result[]>,
): (list: ListSelection<Column, Filter>, args: Args) => Promise<Result> {
  interface ListRead extends ListSelection<Column, Filter> {
    readonly args: Args;
  }

  const loader = new DataLoader<ListRead, Result, string>(
    async (reads) => {
      const groups = new Map<string, [ListRead, ...ListRead[]]>();
      for (const one of reads) {
        const key = JSON.stringify([one.filter, one.args, Object.keys(one.scope)]);
        const group = groups.get(key);
        if (group) group.push(one);
        else groups.set(key, [one]);
      }
      const results = new Map<ListRead, Result>();
      await Promise.all(
        Array.from(groups.values(), async (group) => {
          const [{ filter, args }] = group;
          const scopes = group.map(({ scope }) => scope);
          const found = await read(scopes, filter, args);
          found.forEach((result, index) => {
            const one = group[index];
            if (one) results.set(one, result);
          });
        }),
      );
      return reads.map(
        (one) => results.get(one) ?? new Error('The repository returned no result for a list.'),
      );
    },
    { cacheKeyFn: ({ scope, filter, args }) => JSON.stringify([filter, args, scope]) },
  );
  return ({ scope, filter }, args) => loader.load({ scope: normalizeScope(scope), filter, args });
}

/** Drops absent columns and sorts the others, so that equal scopes have equal JSON. */
const normalizeScope = <Column extends string>(scope: ListScope<Column>): ListScope<Column> =>
  Object.fromEntries(
    Object.entries(scope)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ) as ListScope<Column>;
