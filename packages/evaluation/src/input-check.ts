import { canAccessUser, type Actor, type InputFault, type InputFaultCode } from '@seguridad-abc/contracts';
import { normalizeInstant } from './parse-values.js';

/** The normalized value of an input, or everything that is wrong with it. */
export type InputCheckResult<T> = { readonly value: T } | { readonly faults: readonly InputFault[] };

export const MAX_OPENING_NAME_LENGTH = 80;
export const MAX_USER_ID_LENGTH = 128;

/** C0 and C1 control characters, and unpaired surrogates. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Cs}]/u;

/** Whether a text contains a control character, such as a line break, or half of a surrogate pair. */
export const hasControlCharacter = (text: string): boolean => CONTROL_CHARACTER.test(text);

export const createValidResult = <T>(value: T): InputCheckResult<T> => ({ value });

export const createInvalidResult = (
  path: InputFault['path'],
  code: InputFaultCode,
  message: string,
): InputCheckResult<never> => ({
  faults: [{ path, code, message }],
});

/** Combines the checks of several fields: every value if all are valid, otherwise every fault. */
export function combineCheckResults<T extends object>(checks: {
  readonly [K in keyof T]: InputCheckResult<T[K]>;
}): InputCheckResult<T> {
  const values: Partial<T> = {};
  const faults: InputFault[] = [];
  for (const key of Object.keys(checks) as (keyof T)[]) {
    const checked = checks[key];
    if ('value' in checked) values[key] = checked.value;
    else faults.push(...checked.faults);
  }
  return faults.length > 0 ? { faults } : { value: values as T };
}

/**
 * Trims a text and converts it to Unicode NFC.
 * @param maxLength counted in characters, not in UTF-16 units
 */
export function checkText(field: string, raw: string, maxLength: number): InputCheckResult<string> {
  const text = raw.trim().normalize('NFC');
  if (text === '') return createInvalidResult([field], 'EMPTY', `${field} must not be empty.`);
  const faults: InputFault[] = [];
  const { length } = Array.from(text);
  if (length > maxLength) {
    const message = `${field} must have at most ${maxLength} characters; it has ${length}.`;
    faults.push({ path: [field], code: 'TOO_LONG', message });
  }
  if (hasControlCharacter(text)) {
    const message = `${field} must not contain control characters.`;
    faults.push({ path: [field], code: 'CONTROL_CHARACTER', message });
  }
  return faults.length > 0 ? { faults } : createValidResult(text);
}

/**
 * Trims an optional text that may have several lines and converts it to Unicode NFC, with `\n` as line end. An empty text
 * becomes null.
 * @param maxLength counted in characters, not in UTF-16 units
 */
export function checkMultilineText(
  field: string,
  raw: string,
  maxLength: number,
): InputCheckResult<string | null> {
  const text = raw.replaceAll('\r\n', '\n').trim();
  if (text === '') return createValidResult(null);
  const checked = checkText(field, text.replaceAll('\n', ' '), maxLength);
  return 'value' in checked ? createValidResult(text.normalize('NFC')) : checked;
}

/** Checks an id that a client chose. It has the limits of a text, but is not normalized. */
export function checkClientChosenId(field: string, raw: string, maxLength: number): InputCheckResult<string> {
  const checked = checkText(field, raw, maxLength);
  return 'value' in checked ? createValidResult(raw) : checked;
}

/**
 * Checks for whom a caller acts.
 * @param userId the user that the input names; the caller itself if absent. Only an operator may name another user.
 */
export function checkOwnerUserId(caller: Actor, userId: string | null | undefined): InputCheckResult<string> {
  const owner = userId ?? caller.id;
  return canAccessUser(caller, owner)
    ? checkClientChosenId('userId', owner, MAX_USER_ID_LENGTH)
    : createInvalidResult(['userId'], 'FORBIDDEN', 'Only an operator may act for another user.');
}

/** Reads an RFC 3339 date-time with an offset. The value is in UTC with milliseconds. */
export function checkInstant(field: string, raw: string): InputCheckResult<string> {
  const instant = normalizeInstant(raw);
  const message = `${field} must be an RFC 3339 date-time with an offset, such as 2026-01-31T08:00:00-05:00.`;
  return instant === undefined
    ? createInvalidResult([field], 'INVALID', message)
    : createValidResult(instant);
}
