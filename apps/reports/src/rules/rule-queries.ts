import type { InputFault, RuleState } from '@seguridad-abc/contracts';
import {
  createValidResult,
  MAX_RULE_NAME_LENGTH,
  normalizeText,
  type InputCheckResult,
} from '@seguridad-abc/evaluation';
import { filterAccessibleEntities, resolveListOwner, type RequestCaller } from '../access/caller-access.js';
import { assertEntityId, createFilterChecks } from '../access/filter-checks.js';
import { createListLoader, type ListSelection } from '../connections/list-loader.js';
import {
  createConnection,
  EMPTY_CONNECTION,
  parseConnectionArgs,
  type Connection,
  type ConnectionArgs,
  type CursorCodec,
  type CursorFormat,
} from '../connections/relay-connection.js';
import { createEntityLoader, createKeyLoader, type EntityArrivals } from '../consistency/projection-waits.js';
import { foldTextForSearch } from '../domain/projection.js';
import type { RuleFilter, ProjectedRuleRepository, RuleScopeColumn, RuleSortKey } from './rule-repository.js';

/** The `RuleFilter` input as a client sends it. Null means absent. */
export interface RuleFilterInput {
  readonly userId?: string | null | undefined;
  readonly opening?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly search?: string | null | undefined;
}

/** The arguments of a rule list field. */
export interface RuleListArgs extends ConnectionArgs {
  readonly filter?: RuleFilterInput | null | undefined;
}

/** A page of a rule list. */
export type RuleConnection = Connection<RuleState>;

/** Rule queries of one request. To the caller, rules of users that it may not access do not exist. */
export interface RuleQueries {
  /** @returns null if the rule is unknown or deleted */
  findById(id: string): Promise<RuleState | null>;
  /**
   * Lists rules that are not deleted, newest first.
   * @throws ExpectedError BAD_USER_INPUT; FORBIDDEN if the filter names a user that the caller may not access
   */
  list(args: RuleListArgs): RuleConnection;
  /** Like {@link list}, for the rules of one user. */
  listByUser(userId: string, args: RuleListArgs): RuleConnection;
  /** All rules of an opening that are not deleted, newest first. */
  listByOpening(userId: string, opening: string): Promise<RuleState[]>;
  /**
   * Gets the rule of an alarm, also a deleted one: alarms outlive their rules.
   * @throws Error if the read model lacks the rule
   */
  getForAlarm(ruleId: string): Promise<RuleState>;
  /** Resolves a reference from another subgraph, also to a deleted rule. Waits for a rule that is not projected yet. */
  findEntity(id: string): Promise<RuleState | null>;
}

/** The cursors of rule lists: a position of the event log. */
export const RULE_CURSOR_FORMAT: CursorFormat<RuleSortKey> = {
  kind: 'rule',
  maxBytes: 15,
  parse: (text) => (/^\d{1,15}$/.test(text) ? [Number(text)] : undefined),
};

/** Creates the rule queries of one request. */
export function createRuleQueries(
  repository: ProjectedRuleRepository,
  arrivals: EntityArrivals,
  cursors: CursorCodec<RuleSortKey>,
  { caller, waitMs, budget }: RequestCaller,
): RuleQueries {
  const findByIds = async (ids: readonly string[]) =>
    filterAccessibleEntities(caller, await repository.findByIds(ids));
  const rules = createKeyLoader(findByIds, budget);
  const entities = createEntityLoader(findByIds, arrivals, { waitMs, budget });
  const lists = createListLoader(repository, budget);
  const connect = ({ filter, ...pageArgs }: RuleListArgs, userId: string | undefined) => {
    const { faults, ...selection } = parseRuleFilter({ ...filter, userId });
    return createConnection(lists, selection, parseConnectionArgs(pageArgs, cursors, faults), cursors, {
      budget,
    });
  };

  return {
    async findById(id) {
      const rule = await rules.load(assertEntityId('id', id));
      return rule?.deletedAt === null ? rule : null;
    },
    list: (args) => connect(args, resolveListOwner(caller, args.filter?.userId)),
    listByUser(userId, args) {
      // Throws if the filter names a user that the caller may not access.
      resolveListOwner(caller, args.filter?.userId);
      const connection = connect(args, userId);
      return (args.filter?.userId ?? userId) === userId ? connection : EMPTY_CONNECTION;
    },
    async listByOpening(userId, opening) {
      const items = await lists.loadSlice(
        { scope: { userId, opening }, filter: {} },
        { order: 'descending' },
      );
      await budget.spendReturnedRows(items.length);
      return items.map(({ node }) => node);
    },
    async getForAlarm(ruleId) {
      const rule = await rules.load(ruleId);
      if (!rule) throw new Error(`The read model has an alarm of rule ${ruleId} but not the rule.`);
      return rule;
    },
    findEntity: (id) => entities.load(id),
  };
}

function parseRuleFilter(
  input: RuleFilterInput,
): ListSelection<RuleScopeColumn, RuleFilter> & { readonly faults: readonly InputFault[] } {
  const { userId, opening, enabled, search } = input;
  const checks = createFilterChecks();
  const text = checks.check(search, checkSearchText);
  const folded = foldTextForSearch(text ?? '');
  return {
    scope: { userId: checks.checkUserId(userId), opening: checks.checkOpening(opening) },
    filter: { enabled: enabled ?? undefined, search: folded === '' ? undefined : folded },
    faults: checks.faults,
  };
}

/** A longer text is part of no name. Spaces at its ends count: they are part of the text to find. */
function checkSearchText(raw: string): InputCheckResult<string> {
  const checked = normalizeText('search', raw, MAX_RULE_NAME_LENGTH);
  return 'value' in checked ? createValidResult(raw) : checked;
}
