import {
  WEEKDAYS,
  type ActiveWindow,
  type CalendarDate,
  type RuleConditions,
  type Weekday,
  type Window,
} from '@seguridad-abc/contracts';
import type { ExceptionPeriods } from './periods.js';
import { DAY_MS } from './zone-clock.js';

/** The dates of a calendar by their day, counted from 1970-01-01. */
export type CalendarDates = ReadonlyMap<number, CalendarDate>;

/** To be created once for each version of a calendar. @param dates as contracts carry them; each date once */
export const createCalendarDates = (dates: readonly CalendarDate[]): CalendarDates =>
  new Map(dates.map((one) => [Date.parse(`${one.date}T00:00:00Z`) / DAY_MS, one]));

/** The conditions of a rule as they hold in `[from, until)`. */
export interface RuleVersion extends Readonly<
  Omit<RuleConditions, 'calendarId' | 'windows' | 'activeWindows'>
> {
  readonly from: number;
  /** `null` if the end is not known. */
  readonly until: number | null;
  /** False while the rule is disabled or deleted: no alarm is due. */
  readonly enabled: boolean;
  readonly windows: readonly Window[] | null;
  /** The dates of the rule's calendar as they are in this version. `null`: the rule has no calendar. */
  readonly calendar: CalendarDates | null;
  readonly activeWindows: readonly ActiveWindow[] | null;
}

/** A rule as the evaluation needs it: its versions in order, and the exceptions of its opening. */
export interface EvaluatedVersions {
  readonly versions: readonly RuleVersion[];
  readonly exceptions: ExceptionPeriods;
}

/** The allowed hours of a rule in the short form of the API. */
export interface ShortForm {
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly days: Weekday[];
}

/**
 * Derives the short form of a rule's windows: the one window; of several, the union of their days; without hours, all days
 * (docs/evaluation.md#allowed-hours).
 */
export function deriveShortForm(windows: readonly Window[] | null): ShortForm {
  if (windows === null) return { opensAt: null, closesAt: null, days: [...WEEKDAYS] };
  const [first] = windows;
  const days = WEEKDAYS.filter((day) => windows.some((window) => window.days.includes(day)));
  return first && windows.length === 1
    ? { opensAt: first.opensAt, closesAt: first.closesAt, days }
    : { opensAt: null, closesAt: null, days };
}
