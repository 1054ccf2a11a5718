import { WEEKDAYS, type InputFault, type Weekday, type Window } from '@seguridad-abc/contracts';
import {
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  type InputCheckResult,
} from './input-check.js';
import { deriveShortForm, type ShortForm } from './rule-version.js';
import { checkDays, checkLocalTime, checkWindows, type WindowInput } from './window-input-check.js';

/**
 * The hours of a rule as a client sends them: `windows`, or the short form, one window in the fields `opensAt`, `closesAt` and
 * `days`.
 */
export interface RuleHoursInput {
  readonly windows?: readonly WindowInput[] | null | undefined;
  readonly opensAt?: string | null | undefined;
  readonly closesAt?: string | null | undefined;
  readonly days?: readonly Weekday[] | null | undefined;
}

const SHORT_FIELDS = ['opensAt', 'closesAt', 'days'] as const;

/**
 * Checks the hours of a rule. Null in one form does not contradict the other form.
 * @param present the windows of the stored rule; undefined for a new rule
 */
export function checkRuleHours(
  input: RuleHoursInput,
  present?: readonly Window[] | null,
): InputCheckResult<Window[] | null> {
  const shortFields = SHORT_FIELDS.filter((field) => (input[field] ?? null) !== null);
  if (input.windows) {
    return shortFields.length > 0 ? refuseBothForms(shortFields) : checkWindows(input.windows);
  }
  const hasShortForm = SHORT_FIELDS.some((field) => input[field] !== undefined);
  if (present === undefined) return checkShortForm(input, NO_SHORT_FORM);
  if (input.windows === null && shortFields.length === 0) return createValidResult(null);
  return hasShortForm ? checkShortFormChange(input, present) : createValidResult(toArray(present));
}

function refuseBothForms(shortFields: readonly string[]): InputCheckResult<never> {
  const message = 'Give the hours either as windows, or as opensAt, closesAt and days.';
  return {
    faults: ['windows', ...shortFields].map((field): InputFault => ({
      path: [field],
      code: 'INVALID',
      message,
    })),
  };
}

const NO_SHORT_FORM: ShortForm = { opensAt: null, closesAt: null, days: [...WEEKDAYS] };

function checkShortFormChange(
  input: RuleHoursInput,
  present: readonly Window[] | null,
): InputCheckResult<Window[] | null> {
  if (present !== null && present.length !== 1) return checkShortFormOfSeveral(input);
  const before = deriveShortForm(present);
  const checked = checkShortForm(input, before);
  if ('faults' in checked || checked.value === null || present === null) return checked;
  // The same window keeps what the short form cannot express.
  const after = deriveShortForm(checked.value);
  const isSame =
    after.opensAt === before.opensAt &&
    after.closesAt === before.closesAt &&
    after.days.join() === before.days.join();
  return isSame ? createValidResult([...present]) : checked;
}

/** The short form of several windows, or of an empty list, has no times: both must be given. */
function checkShortFormOfSeveral(input: RuleHoursInput): InputCheckResult<Window[] | null> {
  const { opensAt, closesAt } = input;
  if (opensAt === undefined && closesAt === undefined) {
    const message =
      'days belongs to one window, and the rule has another number of windows. Give windows instead.';
    return createInvalidResult(['days'], 'INVALID', message);
  }
  if (opensAt === undefined) return refuseHalfHours('opensAt');
  if (closesAt === undefined) return refuseHalfHours('closesAt');
  return checkShortForm(input, NO_SHORT_FORM);
}

/** @param absent the values of absent fields */
function checkShortForm(input: RuleHoursInput, absent: ShortForm): InputCheckResult<Window[] | null> {
  const { opensAt = absent.opensAt, closesAt = absent.closesAt, days = absent.days } = input;
  const checked = combineCheckResults<ShortForm>({
    opensAt: opensAt === null ? createValidResult(null) : checkLocalTime('opensAt', opensAt),
    closesAt: closesAt === null ? createValidResult(null) : checkLocalTime('closesAt', closesAt),
    days: days === null ? createValidResult([...WEEKDAYS]) : checkDays(days),
  });
  const faults = 'faults' in checked ? checked.faults : [];
  if ((opensAt === null) !== (closesAt === null)) {
    const half = refuseHalfHours(opensAt === null ? 'opensAt' : 'closesAt');
    return { faults: [...faults, ...('faults' in half ? half.faults : [])] };
  }
  return 'faults' in checked ? checked : createValidResult(toWindows(checked.value));
}

const refuseHalfHours = (missing: string) =>
  createInvalidResult([missing], 'HALF_HOURS', 'opensAt and closesAt must be given together.');

const toWindows = ({ opensAt, closesAt, days }: ShortForm): Window[] | null =>
  opensAt === null || closesAt === null ? null : [{ days, opensAt, closesAt, openBy: null }];

const toArray = (windows: readonly Window[] | null) => (windows === null ? null : [...windows]);
