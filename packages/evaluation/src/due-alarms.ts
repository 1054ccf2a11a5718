import type { AlarmKind, Signal } from '@seguridad-abc/contracts';
import { createActiveSchedule, findActivePeriod } from './active-periods.js';
import { createAllowedPeriods, findFirstForbidden, findNextAllowed } from './allowed-periods.js';
import { skipPeriods, type ExceptionPeriods, type Period } from './periods.js';
import type { EvaluatedVersions, RuleVersion } from './rule-version.js';
import type { SignalInterval } from './signal-intervals.js';

/**
 * What a condition is about: the time `[startedAt, endedAt)` during which a signal is true, or no reading arrives.
 * `startedAt` is -Infinity, and `endedAt` null, if there is none.
 */
export type Episode = Pick<SignalInterval, 'startedAt' | 'endedAt'>;

/** An alarm that an episode raises. If the episode has not ended, it raises the alarm if it lasts until `at`. */
export interface DueAlarm {
  readonly kind: AlarmKind;
  readonly at: number;
  /** The index of the rule version that the episode breaks. */
  readonly versionIndex: number;
  /** From when that version has been in force: its beginning, or that of one of its active windows. */
  readonly inForceFrom: number;
}

/** What a search for due alarms finds. */
export interface DueSearch {
  /** At most one of each kind, the earliest. All are due before the end of the search. */
  readonly alarms: readonly DueAlarm[];
  /** Of a kind without an alarm, none is due before this instant: search again then. Infinity: none can follow. */
  readonly searchedUntil: number;
}

/**
 * Finds the alarms that an interval of a signal raises under one rule (docs/evaluation.md#due-alarms).
 * @param searchUntil alarms that are due before this instant are found, for an open interval; finite, and later than now.
 * Whether a further one will ever be due cannot be decided: calendars and exceptions end.
 */
export const findAlarmsOfInterval = (
  rule: EvaluatedVersions,
  signal: Signal,
  interval: Episode,
  searchUntil: number,
): DueSearch => findDueAlarms(CONDITIONS_OF_SIGNALS[signal], rule, interval, searchUntil);

/**
 * Finds the alarm that a silence raises under one rule.
 * @param silence the time from a reading, or from -Infinity, to the next one, or null
 * @param searchUntil as in `findAlarmsOfInterval`
 */
export const findAlarmOfSilence = (
  rule: EvaluatedVersions,
  silence: Episode,
  searchUntil: number,
): DueSearch => findDueAlarms(CONDITIONS_OF_SILENCE, rule, silence, searchUntil);

/**
 * The instant at which a silence begins for a rule. It identifies the alarm of the silence, together with rule and kind.
 * @param readingAt the instant of the last reading before the silence; -Infinity if there is none
 * @param ruleBeginsAt the beginning of the rule's first version
 */
export const getSilenceStart = (readingAt: number, ruleBeginsAt: number): number =>
  Math.max(readingAt, ruleBeginsAt);

/**
 * Finds the first instant at which an episode breaks a condition, if the episode and the period last long enough. Nothing is due
 * before a result that is at or after `searchUntil`, and nothing is known about later. Infinity: never.
 * @param inForce a period in which the version is in force
 */
type FindDueInstant = (inForce: Period, episode: Episode, searchUntil: number) => number;

/** A condition that a rule can watch. */
interface Condition {
  readonly kind: AlarmKind;
  /** Prepares the search under a version. @returns undefined if the version does not watch the condition */
  readonly watch: (version: RuleVersion, exceptions: ExceptionPeriods) => FindDueInstant | undefined;
}

const outsideHours: Condition = {
  kind: 'OUTSIDE_HOURS',
  watch(version, { allow, suspend }) {
    const allowed = createAllowedPeriods(version, allow);
    if (!allowed) return undefined;
    return (inForce, { startedAt }, searchUntil) => {
      const end = Math.min(inForce.until, searchUntil);
      let at = Math.max(startedAt, inForce.from);
      for (;;) {
        const forbiddenFrom = findFirstForbidden(allowed, at, end);
        if (forbiddenFrom >= end) return forbiddenFrom;
        const graceEnd = forbiddenFrom + version.graceSeconds * 1_000;
        const due = skipPeriods(suspend, graceEnd);
        // A window that starts at the end of the grace does not cut the grace. One that starts at the end of a SUSPEND ends the
        // forbidden stretch before the alarm can be due.
        const lastsUntil = due === graceEnd ? graceEnd - 1 : due;
        const nextAllowed =
          lastsUntil > forbiddenFrom ? findNextAllowed(allowed, forbiddenFrom, lastsUntil) : undefined;
        if (nextAllowed === undefined) return due;
        at = nextAllowed;
      }
    };
  },
};

const openTooLong: Condition = {
  kind: 'OPEN_TOO_LONG',
  watch({ maxOpenSeconds }, { suspend }) {
    if (maxOpenSeconds === null) return undefined;
    return ({ from }, { startedAt }) =>
      skipPeriods(suspend, Math.max(startedAt + maxOpenSeconds * 1_000, from));
  },
};

const silent: Condition = {
  kind: 'SILENT',
  watch({ silentAfterSeconds }, { suspend }) {
    if (silentAfterSeconds === null) return undefined;
    return ({ from }, { startedAt }) =>
      skipPeriods(suspend, Math.max(startedAt, from) + silentAfterSeconds * 1_000);
  },
};

/** A signal that is an alarm as soon as it is true. */
const createSignalCondition = (kind: AlarmKind, isWatched: (version: RuleVersion) => boolean): Condition => ({
  kind,
  watch: (version, { suspend }) =>
    isWatched(version)
      ? ({ from }, { startedAt }) => skipPeriods(suspend, Math.max(startedAt, from))
      : undefined,
});

const CONDITIONS_OF_SIGNALS: Readonly<Record<Signal, readonly Condition[]>> = {
  OPEN: [outsideHours, openTooLong],
  TAMPERED: [createSignalCondition('TAMPERED', ({ onTamper }) => onTamper)],
  BATTERY_LOW: [createSignalCondition('BATTERY_LOW', ({ onBatteryLow }) => onBatteryLow)],
};
const CONDITIONS_OF_SILENCE = [silent];

function findDueAlarms(
  conditions: readonly Condition[],
  rule: EvaluatedVersions,
  episode: Episode,
  searchUntil: number,
): DueSearch {
  const alarms: DueAlarm[] = [];
  let searchedUntil = Infinity;
  // An episode that has ended is searched to its end.
  const end = episode.endedAt ?? searchUntil;
  for (const condition of conditions) {
    const due = findEarliest(condition, rule, episode, end);
    if (!due) continue;
    if (due.at < end) alarms.push(due);
    else searchedUntil = Math.min(searchedUntil, due.at);
  }
  return { alarms, searchedUntil };
}

/**
 * Versions do not overlap, and a due instant lies inside its version: so the first version with one has the earliest.
 * @returns an alarm that is not due before the end of the search, if nothing is due before its instant
 */
function findEarliest(
  condition: Condition,
  { versions, exceptions }: EvaluatedVersions,
  episode: Episode,
  searchUntil: number,
): DueAlarm | undefined {
  const end = episode.endedAt ?? Infinity;
  for (let versionIndex = 0; versionIndex < versions.length; versionIndex++) {
    const version = versions[versionIndex];
    if (!version?.enabled) continue;
    const until = Math.min(end, version.until ?? Infinity);
    // Only saves time: no due instant is before both.
    if (version.from >= until || episode.startedAt >= until) continue;
    const findDueInstant = condition.watch(version, exceptions);
    const due = findDueInstant && findInVersion(findDueInstant, version, until, episode, searchUntil);
    if (due) return { kind: condition.kind, at: due.at, versionIndex, inForceFrom: due.inForceFrom };
  }
  return undefined;
}

/** @param versionEnd the end of the version or of the episode, whichever is earlier */
function findInVersion(
  findDueInstant: FindDueInstant,
  version: RuleVersion,
  versionEnd: number,
  episode: Episode,
  searchUntil: number,
): Pick<DueAlarm, 'at' | 'inForceFrom'> | undefined {
  const active = createActiveSchedule(version);
  if (!active) {
    const inForce = { from: version.from, until: versionEnd };
    const at = findDueInstant(inForce, episode, searchUntil);
    return at < versionEnd ? { at, inForceFrom: version.from } : undefined;
  }
  const activeEnd = Math.min(versionEnd, searchUntil);
  let from = Math.max(version.from, episode.startedAt);
  while (from < activeEnd) {
    const period = findActivePeriod(active, from, activeEnd);
    if (!period) break;
    const inForce = { from: period.from, until: Math.min(period.until, activeEnd) };
    const at = findDueInstant(inForce, episode, searchUntil);
    if (at < inForce.until) return { at, inForceFrom: inForce.from };
    from = inForce.until;
  }
  const searchedTo = Math.max(from, activeEnd);
  return searchedTo < versionEnd ? { at: searchedTo, inForceFrom: searchedTo } : undefined;
}
