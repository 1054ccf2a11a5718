import { findPeriodEndingAfter, skipPeriods, type Period } from './periods.js';
import type { RuleVersion } from './rule-version.js';
import {
  createWindowSchedule,
  findNextOccurrence,
  findOccurrenceEnd,
  isWholeWeek,
  type WindowSchedule,
} from './window-occurrences.js';

/** The hours of a rule: its windows, and the calendar whose dates replace them. */
export type AllowedHours = Pick<RuleVersion, 'windows' | 'calendar' | 'timeZone'>;

/** When an opening may be open under one rule version. */
export interface AllowedPeriods {
  readonly schedule: WindowSchedule;
  /** The `ALLOW` exceptions of the opening, merged: each acts as one more window. */
  readonly allow: readonly Period[];
}

/** @returns undefined if every instant is allowed */
export const createAllowedPeriods = (
  { windows, calendar, timeZone }: AllowedHours,
  allow: readonly Period[],
): AllowedPeriods | undefined =>
  windows === null || (calendar === null && isWholeWeek(windows))
    ? undefined
    : { schedule: createWindowSchedule(timeZone, windows, calendar), allow };

/**
 * Finds the first instant at or after `from` that is not allowed. The search stops at `searchUntil`: a result at or after it
 * says only that all instants before it are allowed.
 */
export function findFirstForbidden(
  { schedule, allow }: AllowedPeriods,
  from: number,
  searchUntil: number,
): number {
  let at = from;
  while (at < searchUntil) {
    const end = findOccurrenceEnd(schedule, at) ?? skipPeriods(allow, at);
    if (end === at) return at;
    at = end;
  }
  return at;
}

/** Finds the first instant in `(after, until]` at which an allowed period starts. */
export function findNextAllowed(
  { schedule, allow }: AllowedPeriods,
  after: number,
  until: number,
): number | undefined {
  const start = findNextOccurrence(schedule, after, until) ?? Infinity;
  const next = findPeriodEndingAfter(allow, after)?.from ?? Infinity;
  const first = next > after ? Math.min(start, next) : start;
  return first <= until ? first : undefined;
}
