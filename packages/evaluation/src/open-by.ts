import type { CalendarWindow } from '@seguridad-abc/contracts';
import { createActiveSchedule } from './active-periods.js';
import { skipPeriods } from './periods.js';
import type { CalendarDates, EvaluatedVersions, RuleVersion } from './rule-version.js';
import type { SignalInterval } from './signal-intervals.js';
import {
  createWindowSchedule,
  findOccurrenceEnd,
  getDay,
  listOccurrences,
  type WindowSchedule,
} from './window-occurrences.js';

/** An occurrence of a window in which the opening has to be opened by a certain instant. */
export interface OpenByOccurrence {
  /** The start of the window. It identifies the alarm, together with rule and kind. */
  readonly startedAt: number;
  /** `NOT_OPENED` is due here if the opening was open at no instant of `[startedAt, dueAt]`. */
  readonly dueAt: number;
  /** The end of the window: the alarm is cleared here at the latest. */
  readonly endsAt: number;
  readonly versionIndex: number;
}

/** A `NOT_OPENED` alarm. */
export interface LateOpeningAlarm extends OpenByOccurrence {
  /** The first opening after `dueAt`, or the end of the window. It may be later than now: the alarm is active until then. */
  readonly clearsAt: number;
}

/** The intervals of the signal `OPEN` of one opening. Each query is one index lookup. */
export interface OpenIntervals {
  /** The interval that starts last before an instant. */
  intervalBefore(at: number): SignalInterval | undefined;
  /** The interval that starts first at or after an instant. */
  intervalFrom(at: number): SignalInterval | undefined;
}

/**
 * Lists the occurrences of windows with `openBy` that are due in `[from, until]`: those at which the rule is in force and not
 * suspended. Ordered by `dueAt`, then by `startedAt` and `endsAt`. The cost grows with the days of the period.
 */
export const listOpenByOccurrences = (
  { versions, exceptions }: EvaluatedVersions,
  from: number,
  until: number,
): OpenByOccurrence[] =>
  versions
    .flatMap((version, versionIndex) => {
      const versionFrom = Math.max(from, version.from);
      const versionUntil = Math.min(until, (version.until ?? Infinity) - 1);
      if (versionFrom > versionUntil) return [];
      const watch = createOpenByWatch(version);
      return watch
        ? listDueBetween(watch, versionFrom, versionUntil).map((found) => ({ ...found, versionIndex }))
        : [];
    })
    .filter(({ dueAt }) => skipPeriods(exceptions.suspend, dueAt) === dueAt)
    .sort((a, b) => a.dueAt - b.dueAt || a.startedAt - b.startedAt || a.endsAt - b.endsAt);

/**
 * Finds the first instant after another at which `NOT_OPENED` can be due.
 * @param searchUntil the search ends here; finite
 * @returns `at` is undefined if there is none before `searchUntil`; if `searchedUntil` is Infinity, none can follow
 */
export function findNextOpenBy(
  rule: EvaluatedVersions,
  after: number,
  searchUntil: number,
): { readonly at: number | undefined; readonly searchedUntil: number } {
  for (let from = after + 1; from < searchUntil; from += NEXT_SEARCH_STEP_MS) {
    const until = Math.min(from + NEXT_SEARCH_STEP_MS, searchUntil) - 1;
    const [first] = listOpenByOccurrences(rule, from, until);
    if (first) return { at: first.dueAt, searchedUntil: first.dueAt };
  }
  const canFollow = rule.versions.some(
    (version) => (version.until ?? Infinity) > searchUntil && createOpenByWatch(version) !== undefined,
  );
  return { at: undefined, searchedUntil: canFollow ? searchUntil : Infinity };
}

/** Most rules have an occurrence within two days. */
const NEXT_SEARCH_STEP_MS = 2 * 24 * 60 * 60 * 1_000;

/**
 * Finds the `NOT_OPENED` alarms of occurrences: at most one for each start of a window, the earliest.
 * @param occurrences as `listOpenByOccurrences` lists them, all that have one start; none is due later than now
 */
export function findLateOpeningAlarms(
  occurrences: readonly OpenByOccurrence[],
  intervals: OpenIntervals,
): LateOpeningAlarm[] {
  const byStart = new Map<number, LateOpeningAlarm>();
  for (const occurrence of occurrences) {
    const { startedAt, dueAt, endsAt } = occurrence;
    if (byStart.has(startedAt) || wasOpenBetween(intervals, startedAt, dueAt)) continue;
    const nextOpening = intervals.intervalFrom(dueAt + 1)?.startedAt ?? Infinity;
    byStart.set(startedAt, { ...occurrence, clearsAt: Math.min(endsAt, nextOpening) });
  }
  return [...byStart.values()];
}

/**
 * Whether the opening was open at an instant of `[from, until]`. An interval of no length counts, one with length that ends at
 * `from` does not. If the interval that starts last is too early, so are those before it.
 */
function wasOpenBetween(intervals: OpenIntervals, from: number, until: number): boolean {
  const last = intervals.intervalBefore(until + 1);
  if (!last) return false;
  return last.startedAt >= from || last.endedAt === null || last.endedAt > from;
}

interface OpenByWatch {
  readonly schedule: WindowSchedule;
  /** Undefined: always. */
  readonly active: WindowSchedule | undefined;
}

/** @returns undefined if no alarm can be due */
const createOpenByWatch = (version: RuleVersion): OpenByWatch | undefined =>
  version.enabled && version.windows !== null && watchesOpenBy(version)
    ? {
        schedule: createWindowSchedule(version.timeZone, version.windows, version.calendar),
        active: createActiveSchedule(version),
      }
    : undefined;

/** Whether a window of a rule version, or of a date of its calendar, has `openBy`. */
export const watchesOpenBy = ({ windows, calendar }: Pick<RuleVersion, 'windows' | 'calendar'>): boolean =>
  windows !== null && (windows.some(hasOpenBy) || (calendar !== null && hasDateWithOpenBy(calendar)));

const hasOpenBy = ({ openBy }: Pick<CalendarWindow, 'openBy'>) => openBy !== null;

/** A calendar has up to 2,000 dates, and is read for each evaluation of its rules. */
const calendarsWithOpenBy = new WeakMap<CalendarDates, boolean>();

function hasDateWithOpenBy(calendar: CalendarDates): boolean {
  let found = calendarsWithOpenBy.get(calendar);
  if (found === undefined) {
    found = [...calendar.values()].some(({ windows }) => windows.some(hasOpenBy));
    calendarsWithOpenBy.set(calendar, found);
  }
  return found;
}

function listDueBetween(
  { schedule, active }: OpenByWatch,
  from: number,
  until: number,
): Omit<OpenByOccurrence, 'versionIndex'>[] {
  const found: Omit<OpenByOccurrence, 'versionIndex'>[] = [];
  // `openBy` is up to a day after the start, and a clock change moves either by up to a day.
  const lastDay = getDay(schedule, until) + 1;
  for (let day = getDay(schedule, from) - 3; day <= lastDay; day++) {
    for (const { from: startedAt, until: endsAt, openBy: dueAt } of listOccurrences(schedule, day)) {
      if (dueAt === undefined || dueAt < from || dueAt > until) continue;
      const isInForce = !active || findOccurrenceEnd(active, dueAt) !== undefined;
      if (isInForce && startedAt <= dueAt && dueAt <= endsAt) found.push({ startedAt, dueAt, endsAt });
    }
  }
  return found;
}
