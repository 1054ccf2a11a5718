import type { Period } from './periods.js';
import type { RuleVersion } from './rule-version.js';
import { createWindowOccurrences, isWholeWeek } from './window-occurrences.js';

/** The periods in which a rule version is in force. Each acts like a version that begins with it. */
export interface ActivePeriods {
  /** Whether the rule is in force at an instant of its version. */
  contains(at: number): boolean;
  /**
   * Finds the first period that ends after `at`, without its part before `at`. The search stops at `searchUntil`: the period
   * may end later than its `until` says, if that is not before `searchUntil`.
   * @returns undefined if no period starts until then
   */
  findNext(at: number, searchUntil: number): Period | undefined;
}

/** @returns undefined if the version is always in force */
export function createActivePeriods({
  activeWindows,
  timeZone,
}: Pick<RuleVersion, 'activeWindows' | 'timeZone'>): ActivePeriods | undefined {
  if (activeWindows === null || isWholeWeek(activeWindows)) return undefined;
  const occurrences = createWindowOccurrences(timeZone, activeWindows, null);
  return {
    contains: (at) => occurrences.findEnd(at) !== undefined,

    findNext(at, searchUntil) {
      let until = occurrences.findEnd(at);
      const from = until === undefined ? occurrences.findNextStart(at, searchUntil) : at;
      if (from === undefined) return undefined;
      until ??= from;
      while (until < searchUntil) {
        const end = occurrences.findEnd(until);
        if (end === undefined) break;
        until = end;
      }
      return { from, until };
    },
  };
}
