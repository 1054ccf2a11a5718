import {
  invalidValue,
  checkText,
  validValue,
  checkInstant,
  type CheckResult,
} from '@seguridad-abc/evaluation';

export const MAX_KEY = 200;
export const MAX_NOTE = 500;

/** An idempotency key; null where there is none. */
export function checkKey(raw: string | null | undefined): CheckResult<string | null> {
  if (raw === null || raw === undefined) return validValue(null);
  const checked = checkText('clientMutationId', raw, MAX_KEY);
  return 'value' in checked ? validValue(raw) : checked;
}

/** What a person has to say of something, in lines; null where it is nothing. */
export function checkNote(raw: string | null | undefined): CheckResult<string | null> {
  const text = (raw ?? '').replaceAll('\r\n', '\n').trim();
  if (text === '') return validValue(null);
  const checked = checkText('note', text.replaceAll('\n', ' '), MAX_NOTE);
  return 'value' in checked ? validValue(text.normalize('NFC')) : checked;
}

export function checkEffectiveFrom(raw: string, now: string): CheckResult<string> {
  const checked = checkInstant('effectiveFrom', raw);
  if ('value' in checked && checked.value > aYearAfter(now)) {
    return invalidValue(['effectiveFrom'], 'TOO_FAR_AHEAD', 'effectiveFrom must be at most a year ahead.');
  }
  return checked;
}

function aYearAfter(instant: string): string {
  const date = new Date(instant);
  date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.toISOString();
}
