import type { RuleState } from '@seguridad-abc/contracts';
import type { RuleVersion } from '@seguridad-abc/evaluation';

/** What a change of a rule is for the judging. */
export interface VersionChange {
  /** The present version ends here. */
  readonly endsAt: number;
  /** What holds from then on; undefined where the rule says nothing any more. */
  readonly next: RuleVersion | undefined;
  /** Nothing before this instant is judged otherwise than before. */
  readonly since: number;
}

/**
 * @param before undefined for a new rule
 * @returns undefined where the judging is not concerned
 */
export function versionChange(before: RuleState | undefined, after: RuleState): VersionChange | undefined {
  if (before && saysTheSame(before, after)) return undefined;
  const changedAt = Date.parse(after.updatedAt);
  const effectiveFrom = Date.parse(after.effectiveFrom);
  const from = before ? Math.max(changedAt, effectiveFrom) : effectiveFrom;
  const { opensAt, closesAt, days, timeZone, maxOpenSeconds } = after;
  const next = { from, until: null, enabled: true, opensAt, closesAt, days, timeZone, maxOpenSeconds };
  return {
    endsAt: changedAt,
    next: holds(after) ? next : undefined,
    since: Math.min(changedAt, from),
  };
}

const holds = (rule: RuleState): boolean => rule.enabled && rule.deletedAt === null;

function saysTheSame(a: RuleState, b: RuleState): boolean {
  if (holds(a) !== holds(b)) return false;
  return (
    a.opensAt === b.opensAt &&
    a.closesAt === b.closesAt &&
    a.days.join() === b.days.join() &&
    a.timeZone === b.timeZone &&
    a.maxOpenSeconds === b.maxOpenSeconds
  );
}
