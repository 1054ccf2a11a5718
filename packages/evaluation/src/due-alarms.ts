import type { AlarmKind } from '@seguridad-abc/contracts';
import { findFirstForbiddenInstant, type AllowedHours } from './allowed-hours.js';
import type { OpeningInterval } from './opening-intervals.js';

/** The conditions of a rule as they hold in `[from, until)`. */
export interface RuleVersion extends AllowedHours {
  readonly from: number;
  /** `null` if the end is not known. */
  readonly until: number | null;
  /** False while the rule is disabled or deleted: no alarm is due. */
  readonly enabled: boolean;
  /** `null` if an interval may last any time. */
  readonly maxOpenSeconds: number | null;
}

/** An alarm that an interval raises. If the interval is still open, it raises the alarm if it lasts until `at`. */
export interface DueAlarm {
  readonly kind: AlarmKind;
  readonly at: number;
  /** The index of the rule version that the interval breaks. */
  readonly versionIndex: number;
}

/**
 * Finds the alarms that one interval raises under one rule: at most one of each kind, the earliest
 * (docs/evaluation.md#due-alarms).
 * @param versions the versions of the rule, in order
 */
export function findAlarmsOfInterval(
  versions: readonly RuleVersion[],
  interval: OpeningInterval,
): DueAlarm[] {
  return [
    ...findEarliest('OUTSIDE_HOURS', findOutsideHours, versions, interval),
    ...findEarliest('OPEN_TOO_LONG', findOpenTooLong, versions, interval),
  ];
}

/** Finds when an interval breaks a condition of a version, if both last long enough. */
type DueInstantFinder = (version: RuleVersion, interval: OpeningInterval) => number | undefined;

const findOutsideHours: DueInstantFinder = (version, { startedAt }) =>
  findFirstForbiddenInstant(version, Math.max(startedAt, version.from));

const findOpenTooLong: DueInstantFinder = ({ maxOpenSeconds, from }, { startedAt }) =>
  maxOpenSeconds === null ? undefined : Math.max(startedAt + maxOpenSeconds * 1_000, from);

/** Versions do not overlap, and a due instant lies inside its version: so the first version with one has the earliest. */
function findEarliest(
  kind: AlarmKind,
  findDueInstant: DueInstantFinder,
  versions: readonly RuleVersion[],
  interval: OpeningInterval,
): DueAlarm[] {
  const end = interval.endedAt ?? Infinity;
  for (const [index, version] of versions.entries()) {
    const until = Math.min(end, version.until ?? Infinity);
    // Only saves time: no due instant is before both.
    const overlaps = version.from < until && interval.startedAt < until;
    if (!version.enabled || !overlaps) continue;
    const at = findDueInstant(version, interval) ?? Infinity;
    if (at < until) return [{ kind, at, versionIndex: index }];
  }
  return [];
}
