import type { RuleState } from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import type { Arrivals } from './arrivals.js';
import { readFilter, type FilterArg } from './filter.js';
import { readPage, type PageArgs } from './page.js';
import { readOrWait } from './read-or-wait.js';
import {
  createRuleConnection,
  createRuleLists,
  EMPTY_CONNECTION,
  type RuleConnection,
} from './rule-connection.js';
import type { RuleReader } from './rule-reader.js';

export interface User {
  readonly id: string;
}

export interface RulesArgs extends PageArgs {
  readonly filter?: FilterArg | null | undefined;
}

/** What can be asked, in one request: things asked for together are read together, and once. */
export interface Queries {
  /** Null for one that is deleted or that nobody knows. */
  rule(id: string): Promise<RuleState | null>;
  /** Null for one that has never had a rule. */
  user(id: string): Promise<User | null>;
  /** @throws ExpectedError BAD_USER_INPUT */
  rules(args: RulesArgs): RuleConnection;
  /** @throws ExpectedError BAD_USER_INPUT */
  rulesOf(userId: string, args: RulesArgs): RuleConnection;
  /** A rule that another subgraph speaks of, deleted or not. One that is not here yet is waited for; null in the end. */
  ruleEntity(id: string): Promise<RuleState | null>;
  /** A user that another subgraph speaks of. One without a rule here is waited for, and answered in any case. */
  userEntity(id: string): Promise<User>;
}

export interface QueriesOptions {
  readonly reader: RuleReader;
  readonly arrivals: { readonly rules: Arrivals; readonly users: Arrivals };
}

/**
 * @returns what makes the queries of one request
 * @param waitMs how long an entity is waited for, at most
 */
export function queriesFactory({ reader, arrivals }: QueriesOptions): (waitMs: number) => Queries {
  const readRules = (ids: readonly string[]) => reader.byIds(ids);
  const readUsers = (ids: readonly string[]) => reader.knownUsers(ids);

  return (waitMs) => {
    const rules = batched(readRules);
    const users = batched(readUsers);
    const ruleEntities = batched((ids) => readOrWait(ids, readRules, arrivals.rules, waitMs));
    const userEntities = batched((ids) => readOrWait(ids, readUsers, arrivals.users, waitMs));
    const lists = createRuleLists(reader);
    const connection = (userId: string | undefined, { filter, ...page }: RulesArgs) =>
      createRuleConnection(lists, { userId, filter: readFilter(filter ?? {}) }, readPage(page));

    return {
      async rule(id) {
        const rule = await rules.load(id);
        return rule?.deletedAt === null ? rule : null;
      },
      user: async (id) => ((await users.load(id)) === null ? null : { id }),
      rules: (args) => connection(args.filter?.userId ?? undefined, args),
      rulesOf(userId, args) {
        const own = connection(userId, args);
        return (args.filter?.userId ?? userId) === userId ? own : EMPTY_CONNECTION;
      },
      ruleEntity: (id) => ruleEntities.load(id),
      async userEntity(id) {
        await userEntities.load(id);
        return { id };
      },
    };
  };
}

const batched = <T>(read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) =>
  new DataLoader<string, T | null>(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? null);
  });
