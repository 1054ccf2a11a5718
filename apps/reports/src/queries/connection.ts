import type { CursorForm } from './cursor.js';
import type { List, Lists } from './list-loader.js';
import type { Place } from './list-reader.js';
import type { Page } from './page.js';

export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

/** A page of a list, newest first. Each part is read when it is asked for, and once. */
export interface Connection<Node> {
  edges(): Promise<Edge<Node>[]>;
  totalCount(): Promise<number>;
  hasNextPage(): Promise<boolean>;
  hasPreviousPage(): Promise<boolean>;
}

/** "After" in a list that is newest first means a smaller place. */
export function createConnection<Column extends string, Filter, Node, At extends Place>(
  lists: Lists<Column, Filter, Node, At>,
  list: List<Column, Filter>,
  { from, size, after, before }: Page<At>,
  cursor: CursorForm<At>,
): Connection<Node> {
  const order = from === 'start' ? 'newest first' : 'oldest first';
  // One more than the page has, to see whether the list goes on.
  const read = () => lists.stretch(list, { order, below: after, above: before, limit: size + 1 });
  const goesOn = async () => (await read()).length > size;
  const anyUpToAfter = async () => after !== undefined && lists.any(list, { above: after, inclusive: true });
  const anyFromBefore = async () =>
    before !== undefined && lists.any(list, { below: before, inclusive: true });

  return {
    async edges() {
      const nodes = (await read()).slice(0, size);
      if (from === 'end') nodes.reverse();
      return nodes.map(({ node, place }) => ({ node, cursor: cursor.write(place) }));
    },
    totalCount: () => lists.count(list),
    hasNextPage: async () => (from === 'start' && (await goesOn())) || anyFromBefore(),
    hasPreviousPage: async () => (from === 'end' && (await goesOn())) || anyUpToAfter(),
  };
}

export const EMPTY_CONNECTION: Connection<never> = {
  edges: () => Promise.resolve([]),
  totalCount: () => Promise.resolve(0),
  hasNextPage: () => Promise.resolve(false),
  hasPreviousPage: () => Promise.resolve(false),
};
