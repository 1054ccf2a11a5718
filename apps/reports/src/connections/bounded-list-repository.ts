import type { RequestBudget } from '../access/request-budget.js';
import type { ListRepository, ListSortKey } from './list-repository.js';

/** Rows that one statement of slices reads at most. It takes about 20 ms, for which other requests wait. */
const MAX_ROWS_PER_STATEMENT = 4_000;
/** Rows that a list without a limit is expected to have. It is the list of an opening's rules, which quotas bound. */
const EXPECTED_ROWS_OF_UNLIMITED_LIST = 50;
/** Lists that one statement of slices reads at most. */
const MAX_LISTS_PER_STATEMENT = 1_000;

/** Lists of the first statement of counts. A count takes longer the more rows it counts, which is not known before. */
const FIRST_COUNTED_LISTS = 50;
/** A following statement counts more lists if the last one took less than this, and fewer if it took longer. */
const COUNT_STATEMENT_MS = 10;

/** As how many rows the nodes of a list count. A node with a long text takes more memory and time than others. */
export interface NodeWeight<Node> {
  readonly max: number;
  readonly of: (node: Node) => number;
}

/** Each node counts as one row. */
export const UNIT_NODE_WEIGHT: NodeWeight<unknown> = { max: 1, of: () => 1 };

/**
 * Bounds the reads of one request: each read takes several short statements if it would take a long one. Between them,
 * other requests get a turn, and the request ends if its budget is used up.
 */
export function boundListRepository<Column extends string, Filter, Node, Key extends ListSortKey>(
  repository: ListRepository<Column, Filter, Node, Key>,
  budget: RequestBudget,
  weight: NodeWeight<Node> = UNIT_NODE_WEIGHT,
): ListRepository<Column, Filter, Node, Key> {
  return {
    async readSlices(scopes, filter, slice) {
      const rowsPerList = (slice.limit ?? EXPECTED_ROWS_OF_UNLIMITED_LIST) * weight.max;
      const size = Math.floor(MAX_ROWS_PER_STATEMENT / rowsPerList);
      const read = async (part: typeof scopes) => {
        const slices = await repository.readSlices(part, filter, slice);
        await budget.spendReadRows(
          slices.reduce((sum, items) => items.reduce((rows, { node }) => rows + weight.of(node), sum), 0),
        );
        return slices;
      };
      return readInParts(scopes, budget, read, () => Math.min(Math.max(size, 1), MAX_LISTS_PER_STATEMENT));
    },
    readCounts: (scopes, filter) =>
      readInParts(scopes, budget, (part) => repository.readCounts(part, filter), adaptCountedLists),
    readExistence: (scopes, filter, range) =>
      readInParts(scopes, budget, (part) => repository.readExistence(part, filter, range), adaptCountedLists),
  };
}

/** The number of items of the next part. @param last undefined for the first part */
type PartSize = (last: { readonly size: number; readonly ms: number } | undefined) => number;

const adaptCountedLists: PartSize = (last) => {
  if (!last) return FIRST_COUNTED_LISTS;
  const factor = COUNT_STATEMENT_MS / Math.max(last.ms, 1);
  return Math.max(1, Math.floor(last.size * Math.min(4, factor)));
};

async function readInParts<Item, Result>(
  items: readonly Item[],
  budget: RequestBudget,
  read: (part: readonly Item[]) => Promise<readonly Result[]>,
  getSize: PartSize,
): Promise<Result[]> {
  const results: Result[] = [];
  let last: { readonly size: number; readonly ms: number } | undefined;
  while (results.length < items.length) {
    if (last) await budget.takeTurn();
    else await budget.checkLifetime();
    const part = items.slice(results.length, results.length + getSize(last));
    const startedAt = performance.now();
    results.push(...(await read(part)));
    last = { size: part.length, ms: performance.now() - startedAt };
  }
  return results;
}
