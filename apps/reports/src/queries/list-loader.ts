import DataLoader from 'dataloader';
import type { Bounds, ListReader, Of, Place, Placed, Stretch } from './list-reader.js';

export interface List<Column extends string, Filter> {
  readonly of: Of<Column>;
  readonly filter: Filter;
}

/** What can be asked of lists of one kind, in as few statements as there are different questions. */
export interface Lists<Column extends string, Filter, Node, At extends Place> {
  stretch(list: List<Column, Filter>, stretch: Stretch<At>): Promise<Placed<Node, At>[]>;
  count(list: List<Column, Filter>): Promise<number>;
  any(list: List<Column, Filter>, bounds: Bounds<At>): Promise<boolean>;
}

export function createLists<Column extends string, Filter, Node, At extends Place>(
  reader: ListReader<Column, Filter, Node, At>,
): Lists<Column, Filter, Node, At> {
  const count = createListLoader<Column, Filter, undefined, number>((lists, filter) =>
    reader.counts(lists, filter),
  );
  return {
    stretch: createListLoader((lists, filter, stretch) => reader.stretches(lists, filter, stretch)),
    count: (list) => count(list, undefined),
    any: createListLoader((lists, filter, bounds) => reader.any(lists, filter, bounds)),
  };
}

type Read<Column extends string, Filter, Question, Answer> = (
  lists: readonly Of<Column>[],
  filter: Filter,
  question: Question,
) => Promise<Answer[]>;

/**
 * Asks the same question of many lists at once: what one operation asks for a thousand users is one statement, as it is
 * for one. What was asked before in the same request is not asked again.
 */
export function createListLoader<Column extends string, Filter, Question, Answer>(
  read: Read<Column, Filter, Question, Answer>,
) {
  interface Asked extends List<Column, Filter> {
    readonly question: Question;
  }

  const loader = new DataLoader<Asked, Answer, string>(
    async (asked) => {
      const alike = new Map<string, [Asked, ...Asked[]]>();
      for (const one of asked) {
        const key = JSON.stringify([one.filter, one.question, Object.keys(one.of)]);
        const group = alike.get(key);
        if (group) group.push(one);
        else alike.set(key, [one]);
      }
      const answers = new Map<Asked, Answer>();
      await Promise.all(
        Array.from(alike.values(), async (group) => {
          const [{ filter, question }] = group;
          const found = await read(
            group.map(({ of }) => of),
            filter,
            question,
          );
          found.forEach((answer, index) => {
            const one = group[index];
            if (one) answers.set(one, answer);
          });
        }),
      );
      return asked.map((one) => answers.get(one) ?? new Error('a list was not answered for'));
    },
    { cacheKeyFn: ({ of, filter, question }) => JSON.stringify([filter, question, of]) },
  );
  return ({ of, filter }: List<Column, Filter>, question: Question): Promise<Answer> =>
    loader.load({ of: inOrder(of), filter, question });
}

/** What is absent is left out, and columns stand in one order. */
const inOrder = <Column extends string>(of: Of<Column>): Of<Column> =>
  Object.fromEntries(
    Object.entries(of)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ) as Of<Column>;
