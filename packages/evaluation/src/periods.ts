import type { OpeningExceptionState } from '@seguridad-abc/contracts';

/** `[from, until)`. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** Orders periods and joins those that touch or overlap. Periods without length are left out. */
export function mergePeriods(periods: readonly Period[]): Period[] {
  const merged: Period[] = [];
  for (const { from, until } of periods.filter((period) => period.from < period.until).sort(compareStarts)) {
    const last = merged.at(-1);
    if (last && from <= last.until) {
      merged[merged.length - 1] = { from: last.from, until: Math.max(last.until, until) };
    } else {
      merged.push({ from, until });
    }
  }
  return merged;
}

const compareStarts = (a: Period, b: Period) => a.from - b.from;

/**
 * Finds the first of merged periods that ends after an instant: the one that contains the instant, or else the next.
 * @param periods merged
 */
export function findPeriodEndingAfter(periods: readonly Period[], at: number): Period | undefined {
  let low = 0;
  let high = periods.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((periods[middle]?.until ?? Infinity) > at) high = middle;
    else low = middle + 1;
  }
  return periods[low];
}

/** The instant itself, or the end of the period that contains it. @param periods merged */
export function skipPeriods(periods: readonly Period[], at: number): number {
  const period = findPeriodEndingAfter(periods, at);
  return period && period.from <= at ? period.until : at;
}

/** The exceptions of one opening, merged: when it may be open whatever its rules say, and when no alarm is due. */
export interface ExceptionPeriods {
  readonly allow: readonly Period[];
  readonly suspend: readonly Period[];
}

export const NO_EXCEPTIONS: ExceptionPeriods = { allow: [], suspend: [] };

/** What the evaluation reads of an exception. */
export type EvaluatedException = Pick<OpeningExceptionState, 'effect' | 'from' | 'until' | 'cancelledAt'>;

/** Derives the periods of exceptions as they finally stand. @param exceptions those that concern one opening */
export function createExceptionPeriods(exceptions: readonly EvaluatedException[]): ExceptionPeriods {
  if (exceptions.length === 0) return NO_EXCEPTIONS;
  const mergeEffect = (effect: EvaluatedException['effect']) =>
    mergePeriods(exceptions.filter((exception) => exception.effect === effect).map(toPeriod));
  return { allow: mergeEffect('ALLOW'), suspend: mergeEffect('SUSPEND') };
}

const toPeriod = ({ from, until, cancelledAt }: EvaluatedException): Period => ({
  from: Date.parse(from),
  until: Math.min(Date.parse(until), cancelledAt === null ? Infinity : Date.parse(cancelledAt)),
});
