import type { RuleState } from '@seguridad-abc/contracts';
import { toCursor } from './cursor.js';
import { createListLoader, type List } from './list-loader.js';
import type { Page } from './page.js';
import type { Bounds, RuleReader, Stretch } from './rule-reader.js';

export interface RuleEdge {
  readonly node: RuleState;
  readonly cursor: string;
}

/** A page of a list, newest first. Each part is read when it is asked for, and once. */
export interface RuleConnection {
  edges(): Promise<RuleEdge[]>;
  totalCount(): Promise<number>;
  hasNextPage(): Promise<boolean>;
  hasPreviousPage(): Promise<boolean>;
}

/** What a connection asks, in as few statements as there are different questions. */
export const createRuleLists = (reader: RuleReader) => ({
  stretch: createListLoader((lists, filter, stretch: Stretch) => reader.stretches(lists, filter, stretch)),
  count: createListLoader<undefined, number>((lists, filter) => reader.counts(lists, filter)),
  any: createListLoader((lists, filter, bounds: Bounds) => reader.any(lists, filter, bounds)),
});
export type RuleLists = ReturnType<typeof createRuleLists>;

/** "After" in a list that is newest first means a smaller position. */
export function createRuleConnection(lists: RuleLists, list: List, page: Page): RuleConnection {
  const { from, size, after, before } = page;
  const order = from === 'start' ? 'newest first' : 'oldest first';
  // One more than the page has, to see whether the list goes on.
  const read = () => lists.stretch(list, { order, below: after, above: before, limit: size + 1 });
  const goesOn = async () => (await read()).length > size;
  const anyUpToAfter = async () => after !== undefined && lists.any(list, { above: after - 1 });
  const anyFromBefore = async () => before !== undefined && lists.any(list, { below: before + 1 });

  return {
    async edges() {
      const rules = (await read()).slice(0, size);
      if (from === 'end') rules.reverse();
      return rules.map(({ state, createdPosition }) => ({ node: state, cursor: toCursor(createdPosition) }));
    },
    totalCount: () => lists.count(list, undefined),
    hasNextPage: async () => (from === 'start' && (await goesOn())) || anyFromBefore(),
    hasPreviousPage: async () => (from === 'end' && (await goesOn())) || anyUpToAfter(),
  };
}

export const EMPTY_CONNECTION: RuleConnection = {
  edges: () => Promise.resolve([]),
  totalCount: () => Promise.resolve(0),
  hasNextPage: () => Promise.resolve(false),
  hasPreviousPage: () => Promise.resolve(false),
};
