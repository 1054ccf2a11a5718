import type { RuleChangesPage, RuleState } from '@seguridad-abc/contracts';
import type { ListRepository } from '../connections/list-repository.js';

/** Columns that the scope of a rule list may fix. */
export type RuleScopeColumn = 'userId' | 'opening';

/** Rules are listed in the order of their creation in the log. */
export type RuleSortKey = readonly [createdPosition: number];

/** A valid filter of rule lists. An absent field selects all rules. */
export interface RuleFilter {
  readonly enabled?: boolean | undefined;
  /** Part of the name, folded with `foldTextForSearch`. */
  readonly search?: string | undefined;
}

/** Reads projected rules. Lists omit deleted rules. Each method runs one statement, `findChangesSince` two. */
export interface ProjectedRuleRepository extends ListRepository<
  RuleScopeColumn,
  RuleFilter,
  RuleState,
  RuleSortKey
> {
  /** Finds rules by id, including deleted ones. */
  findByIds(ids: readonly string[]): Promise<ReadonlyMap<string, RuleState>>;
  /**
   * Reads the last change of each rule whose last change is after a log position, in log order.
   * @param userId null for the rules of all users
   * @param limit maximum number of changes
   */
  findChangesSince(after: number, userId: string | null, limit: number): Promise<RuleChangesPage>;
}
