import type { Period } from './periods.js';
import type { RuleVersion } from './rule-version.js';
import {
  createWindowSchedule,
  findNextOccurrence,
  findOccurrenceEnd,
  isWholeWeek,
  type WindowSchedule,
} from './window-occurrences.js';

/** @returns the schedule of the active windows; undefined if the version is always in force */
export const createActiveSchedule = ({
  activeWindows,
  timeZone,
}: Pick<RuleVersion, 'activeWindows' | 'timeZone'>): WindowSchedule | undefined =>
  activeWindows === null || isWholeWeek(activeWindows)
    ? undefined
    : createWindowSchedule(timeZone, activeWindows, null);

/**
 * Finds the first period that ends after `at` and in which a rule is in force, without its part before `at`. Such a period acts
 * like a version that begins with it. The search stops at `searchUntil`: if `until` is not before it, the period may last longer.
 * @returns undefined if no period starts until then
 */
export function findActivePeriod(
  active: WindowSchedule,
  at: number,
  searchUntil: number,
): Period | undefined {
  const end = findOccurrenceEnd(active, at);
  if (end !== undefined) return { from: at, until: extend(active, end, searchUntil) };
  const from = findNextOccurrence(active, at, searchUntil);
  return from === undefined ? undefined : { from, until: extend(active, from, searchUntil) };
}

/** Windows that touch or overlap act as one. */
function extend(active: WindowSchedule, end: number, searchUntil: number): number {
  let until = end;
  while (until < searchUntil) {
    const next = findOccurrenceEnd(active, until);
    if (next === undefined) return until;
    until = next;
  }
  return until;
}
