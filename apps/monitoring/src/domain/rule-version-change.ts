import { hasEqualFields, pickFields, ruleConditionsSchema, type RuleState } from '@seguridad-abc/contracts';
import type { RuleVersion } from '@seguridad-abc/evaluation';

/** How a change of a rule changes its rule versions. */
export interface RuleVersionChange {
  /** The current version ends here. */
  readonly endsAt: number;
  /** The version that follows; undefined if the rule is disabled or deleted. */
  readonly next: RuleVersion | undefined;
  /** Evaluations before this instant stay as they are. */
  readonly affectedFrom: number;
}

/**
 * @param before undefined for a new rule
 * @returns undefined if the change does not affect the evaluation
 */
export function deriveRuleVersionChange(
  before: RuleState | undefined,
  after: RuleState,
): RuleVersionChange | undefined {
  if (before && isSameVersion(before, after)) return undefined;
  const changedAt = Date.parse(after.updatedAt);
  const effectiveFrom = Date.parse(after.effectiveFrom);
  const from = before ? Math.max(changedAt, effectiveFrom) : effectiveFrom;
  const next = { from, until: null, enabled: true, ...pickFields(ruleConditionsSchema, after) };
  return {
    endsAt: changedAt,
    next: isInForce(after) ? next : undefined,
    affectedFrom: Math.min(changedAt, from),
  };
}

const isInForce = (rule: RuleState): boolean => rule.enabled && rule.deletedAt === null;

const isSameVersion = (a: RuleState, b: RuleState): boolean =>
  isInForce(a) === isInForce(b) && hasEqualFields(ruleConditionsSchema, a, b);
