import { findPeriodEndingAfter, skipPeriods, type Period } from './periods.js';
import type { RuleVersion } from './rule-version.js';
import { createWindowOccurrences, isWholeWeek } from './window-occurrences.js';

/** The hours of a rule: its windows, and the calendar whose dates replace them. */
export type AllowedHours = Pick<RuleVersion, 'windows' | 'calendar' | 'timeZone'>;

/** When an opening may be open under one rule version. */
export interface AllowedPeriods {
  /**
   * Finds the first instant at or after `from` that is not allowed. The search stops at `searchUntil`: a result at or after it
   * says only that all instants before it are allowed. Infinity: every instant is allowed.
   */
  findFirstForbidden(from: number, searchUntil: number): number;
  /** Finds the first instant in `(after, until]` at which an allowed period starts. */
  findNextStart(after: number, until: number): number | undefined;
}

/** @param allow the `ALLOW` exceptions of the opening, merged: each acts as one more window */
export function createAllowedPeriods(
  { windows, calendar, timeZone }: AllowedHours,
  allow: readonly Period[],
): AllowedPeriods {
  if (windows === null || (calendar === null && isWholeWeek(windows))) return ALWAYS_ALLOWED;
  const occurrences = createWindowOccurrences(timeZone, windows, calendar);
  return {
    findFirstForbidden(from, searchUntil) {
      let at = from;
      while (at < searchUntil) {
        const end = occurrences.findEnd(at) ?? skipPeriods(allow, at);
        if (end === at) return at;
        at = end;
      }
      return at;
    },

    findNextStart(after, until) {
      const start = occurrences.findNextStart(after, until) ?? Infinity;
      const next = findPeriodEndingAfter(allow, after)?.from ?? Infinity;
      const first = next > after ? Math.min(start, next) : start;
      return first <= until ? first : undefined;
    },
  };
}

const ALWAYS_ALLOWED: AllowedPeriods = {
  findFirstForbidden: () => Infinity,
  findNextStart: () => undefined,
};
