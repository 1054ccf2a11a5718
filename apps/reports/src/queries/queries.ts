import { isVisible, listedUser, type Actor, type RuleState } from '@seguridad-abc/contracts';
import { ExpectedError } from '@seguridad-abc/platform';
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

/**
 * What a caller can ask, in one request: things asked for together are read together, and once. What belongs to somebody
 * else is as if it were not there, and takes as long to be not there.
 */
export interface Queries {
  viewer(): User;
  /** Null for one that is deleted or that nobody knows. */
  rule(id: string): Promise<RuleState | null>;
  /** Null for one that has never had a rule. */
  user(id: string): Promise<User | null>;
  /** @throws ExpectedError BAD_USER_INPUT; FORBIDDEN where the filter names another user */
  rules(args: RulesArgs): RuleConnection;
  /** Likewise. */
  rulesOf(userId: string, args: RulesArgs): RuleConnection;
  /** A rule that another subgraph speaks of, deleted or not. One that is not here yet is waited for; null in the end. */
  ruleEntity(id: string): Promise<RuleState | null>;
  /** A user that another subgraph speaks of. One without a rule here is waited for, and answered in any case. */
  userEntity(id: string): Promise<User | null>;
}

export interface QueriesOptions {
  readonly reader: RuleReader;
  readonly arrivals: { readonly rules: Arrivals; readonly users: Arrivals };
}

/** @param waitMs how long an entity is waited for, at most */
export type NewQueries = (caller: Actor, waitMs: number) => Queries;

/** @returns what makes the queries of one request */
export function queriesFactory({ reader, arrivals }: QueriesOptions): NewQueries {
  return (caller, waitMs) => {
    const readRules = async (ids: readonly string[]) => {
      const found = [...(await reader.byIds(ids))];
      return new Map(found.filter(([, { userId }]) => isVisible(caller, userId)));
    };
    const readUsers = (ids: readonly string[]) =>
      reader.knownUsers(ids.filter((id) => isVisible(caller, id)));
    const rules = batched(readRules);
    const users = batched(readUsers);
    const ruleEntities = batched((ids) => readOrWait(ids, readRules, arrivals.rules, waitMs));
    const userEntities = batched((ids) => readOrWait(ids, readUsers, arrivals.users, waitMs));
    const lists = createRuleLists(reader);
    const connection = (userId: string | null, { filter, ...page }: RulesArgs) =>
      createRuleConnection(
        lists,
        { userId: userId ?? undefined, filter: readFilter(filter ?? {}) },
        readPage(page),
      );
    const listed = ({ filter }: RulesArgs) => {
      const userId = listedUser(caller, filter?.userId);
      if (userId === undefined) throw notTheirs(['filter', 'userId']);
      return userId;
    };

    return {
      async rule(id) {
        const rule = await rules.load(id);
        return rule?.deletedAt === null ? rule : null;
      },
      user: async (id) => ((await users.load(id)) === null ? null : { id }),
      viewer: () => ({ id: caller.id }),
      rules: (args) => connection(listed(args), args),
      rulesOf(userId, args) {
        listed(args);
        const own = connection(userId, args);
        return (args.filter?.userId ?? userId) === userId ? own : EMPTY_CONNECTION;
      },
      ruleEntity: (id) => ruleEntities.load(id),
      async userEntity(id) {
        await userEntities.load(id);
        return isVisible(caller, id) ? { id } : null;
      },
    };
  };
}

function notTheirs(path: readonly string[]): ExpectedError {
  const message = 'Only an operator may read what is of another user.';
  return new ExpectedError('FORBIDDEN', message, { faults: [{ path, code: 'FORBIDDEN', message }] });
}

const batched = <T>(read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) =>
  new DataLoader<string, T | null>(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? null);
  });
