import { MAX_PAGE_SIZE, type InputFault } from '@seguridad-abc/contracts';
import { createBadUserInputError, createTextSealer } from '@seguridad-abc/platform';
import { UNIT_NODE_WEIGHT, type NodeWeight } from './bounded-list-repository.js';
import type { ListLoader, ListSelection } from './list-loader.js';
import type { RequestBudget } from '../access/request-budget.js';
import type { ListItem, ListSortKey } from './list-repository.js';

const DEFAULT_PAGE_SIZE = 20;
/** Longer than any cursor: that of an opening has 454 characters. */
const MAX_CURSOR_LENGTH = 512;

/** Pagination arguments of a Relay connection. Null means absent. https://relay.dev/graphql/connections.htm */
export interface ConnectionArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** Valid pagination arguments with decoded cursors. */
export interface PageRequest<Key extends ListSortKey> {
  /** The end of the range between the cursors from which the page is taken: `first` or `last`. */
  readonly from: 'start' | 'end';
  readonly size: number;
  readonly after: Key | undefined;
  readonly before: Key | undefined;
}

/** A page of a list. Each method reads on demand; the list loader caches the reads. */
export interface Connection<Node> {
  edges(): Promise<ConnectionEdge<Node>[]>;
  nodes(): Promise<Node[]>;
  startCursor(): Promise<string | null>;
  endCursor(): Promise<string | null>;
  totalCount(): Promise<number>;
  hasNextPage(): Promise<boolean>;
  hasPreviousPage(): Promise<boolean>;
}
/** A connection of any node type. */
export type AnyNodeConnection = Connection<unknown>;

/** A node of a page with its cursor. */
export interface ConnectionEdge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

/** Converts sort keys to cursors and back. A cursor stays valid when nodes are added, changed or removed. */
export interface CursorCodec<Key extends ListSortKey> {
  /** Equal sort keys have equal cursors: caches of clients compare them. */
  readonly encode: (sortKey: Key) => string;
  /** @returns undefined if `encode` did not produce the text */
  readonly decode: (cursor: string) => Key | undefined;
}

/** The cursors of one kind of list. */
export interface CursorFormat<Key extends ListSortKey> {
  /** Distinguishes these cursors from those of other lists. */
  readonly kind: string;
  /** The bytes of the longest sort key, joined with `:`. Up to this size, all cursors have one length. */
  readonly maxBytes: number;
  /** Reads a sort key from its values, joined with `:`. @returns undefined if they are invalid */
  readonly parse: (text: string) => Key | undefined;
}

/**
 * Creates a codec whose cursors are sealed: a sort key can contain a position of the event log, which would show a client
 * when data of other users changes.
 * @param secret the secret of the installation: all its instances of reports accept the same cursors
 */
export function createCursorCodec<Key extends ListSortKey>(
  { kind, maxBytes, parse }: CursorFormat<Key>,
  secret: string,
): CursorCodec<Key> {
  const sealer = createTextSealer({
    secret,
    purpose: `cursor of ${kind} list`,
    maxBytes,
    isDeterministic: true,
  });
  return {
    encode: (sortKey) => sealer.seal(sortKey.join(':')),
    decode(cursor) {
      const opened = sealer.open(cursor);
      return 'text' in opened ? parse(opened.text) : undefined;
    },
  };
}

/**
 * Validates pagination arguments. The page size is 20 by default and 200 at most.
 * @param otherFaults faults of other arguments, to report all faults in one error
 * @throws ExpectedError BAD_USER_INPUT with every fault
 */
export function parseConnectionArgs<Key extends ListSortKey>(
  args: ConnectionArgs,
  codec: CursorCodec<Key>,
  otherFaults: readonly InputFault[] = [],
): PageRequest<Key> {
  const faults = [...otherFaults];
  const addFault = (path: keyof ConnectionArgs, code: InputFault['code'], message: string) => {
    faults.push({ path: [path], code, message });
  };
  const parseSize = (name: 'first' | 'last') => {
    const size = args[name] ?? undefined;
    if (size !== undefined && (size < 1 || size > MAX_PAGE_SIZE)) {
      addFault(name, 'OUT_OF_RANGE', `${name} must be from 1 to ${MAX_PAGE_SIZE}; it is ${size}.`);
    }
    return size;
  };
  const parseCursor = (name: 'after' | 'before') => {
    const cursor = args[name] ?? undefined;
    if (cursor !== undefined && cursor.length > MAX_CURSOR_LENGTH) {
      addFault(name, 'TOO_LONG', `${name} must have at most ${MAX_CURSOR_LENGTH} characters.`);
      return undefined;
    }
    const sortKey = cursor === undefined ? undefined : codec.decode(cursor);
    if (cursor !== undefined && sortKey === undefined) {
      addFault(
        name,
        'INVALID',
        `${name} must be a cursor from a list of this kind. Get the first page again.`,
      );
    }
    return sortKey;
  };

  const first = parseSize('first');
  const last = parseSize('last');
  const after = parseCursor('after');
  const before = parseCursor('before');
  if (first !== undefined && last !== undefined) {
    addFault('last', 'NOT_TOGETHER', 'first and last must not be given together.');
  }
  if (faults.length > 0) throw createBadUserInputError(faults);
  return last === undefined
    ? { from: 'start', size: first ?? DEFAULT_PAGE_SIZE, after, before }
    : { from: 'end', size: last, after, before };
}

/** How a list is ordered, and what a request for it may cost. */
export interface ConnectionOptions<Node> {
  readonly budget: RequestBudget;
  /** As how many rows a node counts. @default one */
  readonly weight?: NodeWeight<Node>;
  /** @default `descending`: newest first, so that "after" a cursor means a smaller sort key */
  readonly order?: 'ascending' | 'descending';
}

/** Creates a connection over a list. */
export function createConnection<Column extends string, Filter, Node, Key extends ListSortKey>(
  loader: ListLoader<Column, Filter, Node, Key>,
  list: ListSelection<Column, Filter>,
  { from, size, after, before }: PageRequest<Key>,
  codec: CursorCodec<Key>,
  { budget, weight = UNIT_NODE_WEIGHT, order = 'descending' }: ConnectionOptions<Node>,
): Connection<Node> {
  const isDescending = order === 'descending';
  const range = isDescending ? { below: after, above: before } : { below: before, above: after };
  const reversed = isDescending ? 'ascending' : 'descending';
  // One item more than the page has shows whether the list continues.
  const read = () =>
    loader.loadSlice(list, { order: from === 'start' ? order : reversed, ...range, limit: size + 1 });
  const readPage = async () => {
    const items = (await read()).slice(0, size);
    return from === 'end' ? items.reverse() : items;
  };
  const readReturnedPage = async () => {
    const items = await readPage();
    await budget.spendReturnedRows(items.reduce((rows, { node }) => rows + weight.of(node), 0));
    return items;
  };
  const encodeCursor = (item: ListItem<Node, Key> | undefined) => (item ? codec.encode(item.sortKey) : null);
  const continues = async () => (await read()).length > size;
  const hasItemsUpToAfterCursor = async () =>
    after !== undefined &&
    loader.loadExistence(list, { [isDescending ? 'above' : 'below']: after, inclusive: true });
  const hasItemsFromBeforeCursor = async () =>
    before !== undefined &&
    loader.loadExistence(list, { [isDescending ? 'below' : 'above']: before, inclusive: true });

  return {
    edges: async () =>
      (await readReturnedPage()).map(({ node, sortKey }) => ({
        node,
        // Sealed on demand: a request need not select the cursors of all edges.
        get cursor() {
          return codec.encode(sortKey);
        },
      })),
    nodes: async () => (await readReturnedPage()).map(({ node }) => node),
    startCursor: async () => encodeCursor((await readPage())[0]),
    endCursor: async () => encodeCursor((await readPage()).at(-1)),
    totalCount: () => loader.loadCount(list),
    hasNextPage: async () => (from === 'start' && (await continues())) || hasItemsFromBeforeCursor(),
    hasPreviousPage: async () => (from === 'end' && (await continues())) || hasItemsUpToAfterCursor(),
  };
}

/** A connection without nodes. */
export const EMPTY_CONNECTION: Connection<never> = {
  edges: () => Promise.resolve([]),
  nodes: () => Promise.resolve([]),
  startCursor: () => Promise.resolve(null),
  endCursor: () => Promise.resolve(null),
  totalCount: () => Promise.resolve(0),
  hasNextPage: () => Promise.resolve(false),
  hasPreviousPage: () => Promise.resolve(false),
};
