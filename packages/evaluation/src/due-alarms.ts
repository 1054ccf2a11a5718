import type { AlarmKind } from '@seguridad-abc/contracts';
import { findFirstForbiddenInstant } from './allowed-hours.js';
import type { OpenInterval } from './open-intervals.js';
import type { RuleVersion } from './rule-version.js';

/** An alarm that an interval raises, or will have raised when the instant comes and it is still open. */
export interface DueAlarm {
  readonly kind: AlarmKind;
  readonly at: number;
  /** Which of the rule's versions it breaks, counted from 0. */
  readonly version: number;
}

/**
 * What one interval raises by one rule: of each kind at most one, the earliest.
 * @param versions the rule's, in order
 */
export function findDueAlarms(versions: readonly RuleVersion[], interval: OpenInterval): DueAlarm[] {
  return [
    ...earliest('OUTSIDE_HOURS', outsideHours, versions, interval),
    ...earliest('OPEN_TOO_LONG', openTooLong, versions, interval),
  ];
}

type DueOf = (version: RuleVersion, interval: OpenInterval) => number | undefined;

const outsideHours: DueOf = (version, { startedAt }) =>
  findFirstForbiddenInstant(version, Math.max(startedAt, version.from));

const openTooLong: DueOf = ({ maxOpenSeconds, from }, { startedAt }) =>
  maxOpenSeconds === null ? undefined : Math.max(startedAt + maxOpenSeconds * 1_000, from);

/** Versions come one after another, and what is due in one lies within it: the first one found is the earliest. */
function earliest(
  kind: AlarmKind,
  dueOf: DueOf,
  versions: readonly RuleVersion[],
  interval: OpenInterval,
): DueAlarm[] {
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
