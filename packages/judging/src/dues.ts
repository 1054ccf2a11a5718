import type { AlarmKind } from '@seguridad-abc/contracts';
import { firstForbidden } from './first-forbidden.js';
import type { JudgedInterval } from './intervals.js';
import type { RuleVersion } from './rule-version.js';

/** An alarm that an interval raises, or will have raised when the instant comes and it is still open. */
export interface Due {
  readonly kind: AlarmKind;
  readonly at: number;
  /** Which of the rule's versions it breaks, counted from 0. */
  readonly version: number;
}

/**
 * What one interval raises by one rule: of each kind at most one, the earliest.
 * @param versions the rule's, in order
 */
export function duesOf(versions: readonly RuleVersion[], interval: JudgedInterval): Due[] {
  return [
    ...earliest('OUTSIDE_HOURS', outsideHours, versions, interval),
    ...earliest('OPEN_TOO_LONG', openTooLong, versions, interval),
  ];
}

type DueOf = (version: RuleVersion, interval: JudgedInterval) => number | undefined;

const outsideHours: DueOf = (version, { startedAt }) =>
  firstForbidden(version, Math.max(startedAt, version.from));

const openTooLong: DueOf = ({ maxOpenSeconds, from }, { startedAt }) =>
  maxOpenSeconds === null ? undefined : Math.max(startedAt + maxOpenSeconds * 1_000, from);

/** Versions come one after another, and what is due in one lies within it: the first one found is the earliest. */
function earliest(
  kind: AlarmKind,
  dueOf: DueOf,
  versions: readonly RuleVersion[],
  interval: JudgedInterval,
): Due[] {
  const end = interval.endedAt ?? Infinity;
  for (const [index, version] of versions.entries()) {
    const until = Math.min(end, version.until ?? Infinity);
    const concerned = version.enabled && version.from < until && interval.startedAt < until;
    if (!concerned) continue;
    const at = dueOf(version, interval);
    if (at !== undefined && at < until) return [{ kind, at, version: index }];
  }
  return [];
}
