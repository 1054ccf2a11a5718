import {
  formatInstant,
  MAX_EXCEPTION_REASON_LENGTH,
  MAX_OPENINGS_PER_EXCEPTION,
  type ExceptionEffect,
  type InputFault,
  type OpeningExceptionState,
} from '@seguridad-abc/contracts';
import {
  checkInstant,
  checkText,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  MAX_OPENING_NAME_LENGTH,
  type InputCheckResult,
} from './input-check.js';
import { DAY_MS } from './zone-clock.js';

/** The longest exception, in days from its beginning. */
export const MAX_EXCEPTION_DAYS = 366;

/** An exception as a client sends it. */
export interface ExceptionInput {
  /** Null or absent: all openings of the user. */
  readonly openings?: readonly string[] | null | undefined;
  readonly effect: ExceptionEffect;
  /** Instant. An earlier one than the server's is set to that one. */
  readonly from: string;
  /** Instant. */
  readonly until: string;
  readonly reason: string;
}

/** What an exception is about. */
export type ExceptionDefinition = Pick<
  OpeningExceptionState,
  'openings' | 'effect' | 'from' | 'until' | 'reason'
>;

/** Checks a new exception. @param now the server's instant */
export function checkException(input: ExceptionInput, now: string): InputCheckResult<ExceptionDefinition> {
  const { openings = null } = input;
  const checked = combineCheckResults<
    Omit<ExceptionDefinition, 'from' | 'until'> & { period: ExceptionPeriod }
  >({
    openings:
      openings === null ? createValidResult(null) : checkOpeningNames(openings, MAX_OPENINGS_PER_EXCEPTION),
    effect: createValidResult(input.effect),
    period: checkPeriod(input.from, input.until, now),
    reason: checkText('reason', input.reason, MAX_EXCEPTION_REASON_LENGTH),
  });
  if ('faults' in checked) return checked;
  const { period, ...others } = checked.value;
  return createValidResult({ ...others, ...period });
}

type ExceptionPeriod = Pick<ExceptionDefinition, 'from' | 'until'>;

function checkPeriod(rawFrom: string, rawUntil: string, now: string): InputCheckResult<ExceptionPeriod> {
  const checked = combineCheckResults<ExceptionPeriod>({
    from: checkInstant('from', rawFrom),
    until: checkInstant('until', rawUntil),
  });
  if ('faults' in checked) return checked;
  const { until } = checked.value;
  if (until <= now)
    return createInvalidResult(['until'], 'PAST', `until must be in the future; it is now ${now}.`);
  const from = checked.value.from < now ? now : checked.value.from;
  if (until <= from) return createInvalidResult(['until'], 'OUT_OF_RANGE', 'until must be after from.');
  const latestMs = Date.parse(from) + MAX_EXCEPTION_DAYS * DAY_MS;
  if (Date.parse(until) <= latestMs) return createValidResult({ from, until });
  const message = `until must be at most ${MAX_EXCEPTION_DAYS} days after the beginning: at most ${formatInstant(latestMs)}.`;
  return createInvalidResult(['until'], 'OUT_OF_RANGE', message);
}

/** Checks a list of names of openings, and normalizes them like those of readings, so that both can be compared. */
export function checkOpeningNames(raw: readonly string[], maxLength: number): InputCheckResult<string[]> {
  if (raw.length === 0 || raw.length > maxLength) {
    const message = `openings must be 1 to ${maxLength} names, or null for all openings; there are ${raw.length}.`;
    return createInvalidResult(['openings'], 'OUT_OF_RANGE', message);
  }
  const names: string[] = [];
  const faults: InputFault[] = [];
  raw.forEach((name, index) => {
    const path = ['openings', index];
    const checked = checkText('openings', name, MAX_OPENING_NAME_LENGTH);
    if ('faults' in checked) {
      faults.push(...checked.faults.map((fault) => ({ ...fault, path })));
    } else if (names.includes(checked.value)) {
      faults.push({ path, code: 'REPEATED', message: 'openings must not name an opening more than once.' });
    } else {
      names.push(checked.value);
    }
  });
  return faults.length > 0 ? { faults } : createValidResult(names);
}
