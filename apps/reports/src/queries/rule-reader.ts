import type { RuleState } from '@seguridad-abc/contracts';
import type { ProjectedRule } from '../domain/fold-rule.js';

/** Which rules a list holds, besides leaving out deleted ones. */
export interface RuleFilter {
  readonly opening?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** Part of the name, folded (domain/search-text). */
  readonly search?: string | undefined;
}

/** A part of a list. Lists are in the order of `createdPosition`, which cursors hold. */
export interface Bounds {
  /** Only rules with a smaller position. */
  readonly below?: number | undefined;
  /** Only rules with a greater position. */
  readonly above?: number | undefined;
}

export interface Stretch extends Bounds {
  /** The order of what is answered, and the end from which it is taken. */
  readonly order: 'newest first' | 'oldest first';
  readonly limit: number;
}

/** Whose lists are asked for: one list for each user, or the one list of all rules. */
export type Lists = readonly string[] | 'all';

/**
 * What queries ask of the read model. Each call is one statement, however many ids or lists it is for; answers for
 * lists come in their order.
 */
export interface RuleReader {
  /** Deleted ones too. */
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, RuleState>>;
  /** Those of the ids that have had a rule, each by itself. */
  knownUsers(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  stretches(lists: Lists, filter: RuleFilter, stretch: Stretch): Promise<ProjectedRule[][]>;
  counts(lists: Lists, filter: RuleFilter): Promise<number[]>;
  /** Whether there is any rule of a list within the bounds. */
  any(lists: Lists, filter: RuleFilter, bounds: Bounds): Promise<boolean[]>;
}
