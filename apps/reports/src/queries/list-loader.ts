import DataLoader from 'dataloader';
import type { Lists, RuleFilter } from './rule-reader.js';

/** One list: of a user, or of all. */
export interface List {
  readonly userId?: string | undefined;
  readonly filter: RuleFilter;
}

type Read<Question, Answer> = (lists: Lists, filter: RuleFilter, question: Question) => Promise<Answer[]>;

/**
 * Asks the same question of many lists at once: what one operation asks for a thousand users is one statement, as it is
 * for one. What was asked before in the same request is not asked again.
 */
export function createListLoader<Question, Answer>(read: Read<Question, Answer>) {
  interface Asked extends List {
    readonly question: Question;
  }

  const loader = new DataLoader<Asked, Answer, string>(
    async (asked) => {
      const alike = new Map<string, [Asked, ...Asked[]]>();
      for (const one of asked) {
        const key = JSON.stringify([one.filter, one.question, one.userId === undefined]);
        const group = alike.get(key);
        if (group) group.push(one);
        else alike.set(key, [one]);
      }
      const answers = new Map<Asked, Answer>();
      await Promise.all(
        Array.from(alike.values(), async (group) => {
          const [{ filter, question }] = group;
          const userIds = group.flatMap(({ userId }) => userId ?? []);
          const found = await read(userIds.length > 0 ? userIds : 'all', filter, question);
          found.forEach((answer, index) => {
            const one = group[index];
            if (one) answers.set(one, answer);
          });
        }),
      );
      return asked.map((one) => answers.get(one) ?? new Error('a list was not answered for'));
    },
    { cacheKeyFn: ({ userId, filter, question }) => JSON.stringify([filter, question, userId ?? null]) },
  );
  return ({ userId, filter }: List, question: Question): Promise<Answer> =>
    loader.load({ userId, filter, question });
}
