import type { RuleState } from '@seguridad-abc/contracts';
import { assertListed, visibleAmong } from './access.js';
import type { Arrivals } from './arrivals.js';
import type { Asking } from './asking.js';
import { batched } from './batched.js';
import { createConnection, EMPTY_CONNECTION, type Connection } from './connection.js';
import { RULE_CURSOR } from './cursor.js';
import { readRuleFilter, type RuleFilterArg } from './filter.js';
import { createLists } from './list-loader.js';
import { readPage, type PageArgs } from './page.js';
import { readOrWait } from './read-or-wait.js';
import type { RuleReader } from './rule-reader.js';

export interface RulesArgs extends PageArgs {
  readonly filter?: RuleFilterArg | null | undefined;
}

export interface RuleQueries {
  /** Null for one that is deleted or that nobody knows. */
  rule(id: string): Promise<RuleState | null>;
  /** @throws ExpectedError BAD_USER_INPUT; FORBIDDEN where the filter names another user */
  rules(args: RulesArgs): Connection<RuleState>;
  /** Likewise. */
  rulesOf(userId: string, args: RulesArgs): Connection<RuleState>;
  /** Those not deleted, newest first. */
  rulesOfOpening(userId: string, opening: string): Promise<RuleState[]>;
  /** Deleted or not: an alarm outlives its rule. @throws Error where it is not here, though its alarm is */
  ruleOfAlarm(id: string): Promise<RuleState>;
  /** A rule that another subgraph speaks of, deleted or not. One that is not here yet is waited for; null in the end. */
  ruleEntity(id: string): Promise<RuleState | null>;
}

export function createRuleQueries(
  reader: RuleReader,
  arrivals: Arrivals,
  { caller, waitMs }: Asking,
): RuleQueries {
  const read = async (ids: readonly string[]) => visibleAmong(caller, await reader.byIds(ids));
  const rules = batched(read);
  const entities = batched((ids) => readOrWait(ids, read, arrivals, waitMs));
  const lists = createLists(reader);
  const connection = ({ filter, ...page }: RulesArgs) => {
    const { faults, ...list } = readRuleFilter(filter ?? {});
    return createConnection(lists, list, readPage(page, RULE_CURSOR, faults), RULE_CURSOR);
  };

  return {
    async rule(id) {
      const rule = await rules.load(id);
      return rule?.deletedAt === null ? rule : null;
    },
    rules: (args) =>
      connection({ ...args, filter: { ...args.filter, userId: assertListed(caller, args.filter?.userId) } }),
    rulesOf(userId, args) {
      assertListed(caller, args.filter?.userId);
      const own = connection({ ...args, filter: { ...args.filter, userId } });
      return (args.filter?.userId ?? userId) === userId ? own : EMPTY_CONNECTION;
    },
    async rulesOfOpening(userId, opening) {
      const found = await lists.stretch({ of: { userId, opening }, filter: {} }, { order: 'newest first' });
      return found.map(({ node }) => node);
    },
    async ruleOfAlarm(id) {
      const rule = await rules.load(id);
      if (!rule) throw new Error(`there is no rule ${id}, but an alarm of it`);
      return rule;
    },
    ruleEntity: (id) => entities.load(id),
  };
}
