import {
  canAccessUser,
  formatInstant,
  MAX_USER_ID_LENGTH,
  type Actor,
  type InputFault,
  type InputFaultCode,
} from '@seguridad-abc/contracts';
import { Temporal } from 'temporal-polyfill';
import { findHiddenCharacter } from './hidden-characters.js';

/** The normalized value of an input, or everything that is wrong with it. */
export type InputCheckResult<T> = { readonly value: T } | { readonly faults: readonly InputFault[] };

export { MAX_USER_ID_LENGTH };
export const MAX_OPENING_NAME_LENGTH = 80;

/**
 * Largest number of UTF-16 units that one character of a normalized text can have before its normalization. Unicode 16
 * needs 6 (https://www.unicode.org/reports/tr15/#Canon_Compat_Equivalence); 8 leaves room for later versions. So a text of
 * more units than 8 times its maximum is too long, whatever it contains.
 */
const MAX_UNITS_PER_CHARACTER = 8;

/**
 * Normalization takes quadratic time for a run of combining marks. 30 in a row is the limit of the Stream-Safe Text Format
 * (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format). Words of natural languages have at most 10.
 */
const MAX_COMBINING_MARKS_IN_A_ROW = 30;
const TOO_MANY_COMBINING_MARKS = new RegExp(`\\p{M}{${MAX_COMBINING_MARKS_IN_A_ROW + 1}}`, 'u');

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
 * Checks the number of characters of a text, before anything that takes longer than reading its length.
 * @param maxLength counted in characters, not in UTF-16 units
 */
export function checkTextLength(field: string, raw: string, maxLength: number): InputCheckResult<string> {
  const reject = (length: string) =>
    createInvalidResult(
      [field],
      'TOO_LONG',
      `${field} must have at most ${maxLength} characters; it has ${length}.`,
    );
  if (raw.length > maxLength * 2) return reject(`more than ${maxLength}`);
  const { length } = Array.from(raw);
  return length > maxLength ? reject(String(length)) : createValidResult(raw);
}

/**
 * Trims a text and converts it to Unicode NFC. Rejects a text that is too long before it does so.
 * @param maxLength counted in characters of the result, not in UTF-16 units
 */
export function normalizeText(field: string, raw: string, maxLength: number): InputCheckResult<string> {
  if (raw.length > maxLength * MAX_UNITS_PER_CHARACTER) return checkTextLength(field, raw, maxLength);
  if (TOO_MANY_COMBINING_MARKS.test(raw)) {
    const message = `${field} must not have more than ${MAX_COMBINING_MARKS_IN_A_ROW} combining marks in a row.`;
    return createInvalidResult([field], 'INVALID', message);
  }
  return checkTextLength(field, raw.trim().normalize('NFC'), maxLength);
}

/**
 * Checks a text that must not be empty, trims it and converts it to Unicode NFC. Names are such texts: a character that nobody can
 * see is refused, so that no two names look alike.
 * @param maxLength counted in characters, not in UTF-16 units
 */
export const checkText = (field: string, raw: string, maxLength: number): InputCheckResult<string> =>
  checkVisibleText(field, raw, maxLength, () => false);

/**
 * Checks the name of an opening as {@link checkText}. An opening that is on record keeps its name, whatever it contains: an
 * earlier version accepted it, and its sensor goes on.
 * @param isOnRecord whether the user has an opening of this name
 */
export const checkOpeningName = (
  field: string,
  raw: string,
  isOnRecord: (name: string) => boolean,
): InputCheckResult<string> => checkVisibleText(field, raw, MAX_OPENING_NAME_LENGTH, isOnRecord);

function checkVisibleText(
  field: string,
  raw: string,
  maxLength: number,
  isOnRecord: (text: string) => boolean,
): InputCheckResult<string> {
  const checked = checkSingleLine(field, raw, maxLength);
  const hidden = 'value' in checked ? findHiddenCharacter(checked.value) : undefined;
  if (!hidden || ('value' in checked && isOnRecord(checked.value))) return checked;
  const { codePoint, position } = hidden;
  const message = `${field} must not contain ${codePoint} as its character ${position}: it is invisible there, so that different texts look alike.`;
  return createInvalidResult([field], 'CONTROL_CHARACTER', message);
}

function checkSingleLine(field: string, raw: string, maxLength: number): InputCheckResult<string> {
  const normalized = normalizeText(field, raw, maxLength);
  if ('value' in normalized && normalized.value === '') return createEmptyResult(field);
  return checkControlCharacters(field, raw, maxLength, normalized);
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
  if (raw.length > maxLength * MAX_UNITS_PER_CHARACTER) return checkTextLength(field, raw, maxLength);
  const text = raw.replaceAll('\r\n', '\n').trim();
  if (text === '') return createValidResult(null);
  const checked = checkSingleLine(field, text.replaceAll('\n', ' '), maxLength);
  return 'value' in checked ? createValidResult(text.normalize('NFC')) : checked;
}

/** Checks an id that a client chose. It has the limits of a text, but is not normalized. */
export function checkClientChosenId(field: string, raw: string, maxLength: number): InputCheckResult<string> {
  const checked = checkTextLength(field, raw, maxLength);
  if ('value' in checked && raw.trim() === '') return createEmptyResult(field);
  return checkControlCharacters(field, raw, maxLength, checked);
}

/** Ids of rules and alarms are UUIDs. Ids of users have up to `MAX_USER_ID_LENGTH` characters. */
export const MAX_ENTITY_ID_LENGTH = MAX_USER_ID_LENGTH;

/** Checks the id of a stored entity, such as a rule: only its length. */
export const checkEntityId = (field: string, raw: string): InputCheckResult<string> =>
  checkTextLength(field, raw, MAX_ENTITY_ID_LENGTH);

/**
 * Checks the number of values in a list of enum values. More values than the enum has repeat some.
 * @param values the values of the enum
 */
export const checkEnumList = <Value>(
  field: string,
  raw: readonly Value[],
  values: readonly Value[],
): InputCheckResult<readonly Value[]> =>
  raw.length > values.length
    ? createInvalidResult(
        [field],
        'OUT_OF_RANGE',
        `${field} must have at most ${values.length} values; it has ${raw.length}.`,
      )
    : createValidResult(raw);

const createEmptyResult = (field: string) =>
  createInvalidResult([field], 'EMPTY', `${field} must not be empty.`);

/** Adds the fault of control characters to another check of a text, unless the text is too long to be read. */
function checkControlCharacters(
  field: string,
  raw: string,
  maxLength: number,
  checked: InputCheckResult<string>,
): InputCheckResult<string> {
  const isReadable = raw.length <= maxLength * MAX_UNITS_PER_CHARACTER;
  if (!isReadable || !hasControlCharacter(raw.trim())) return checked;
  const message = `${field} must not contain control characters.`;
  const faults = 'faults' in checked ? checked.faults : [];
  return { faults: [...faults, { path: [field], code: 'CONTROL_CHARACTER', message }] };
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

/** `date-time` of RFC 3339, section 5.6: https://www.rfc-editor.org/rfc/rfc3339#section-5.6. The offset is required. */
const RFC_3339_DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** `2026-01-31T08:00:00.123456789-05:00`: Temporal reads at most nine digits of a fraction. */
const MAX_DATE_TIME_LENGTH = 35;

/** The range of instants that `toISOString` writes with a four-digit year, so that they sort as text. */
const EARLIEST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** `:60` as the second of an {@link RFC_3339_DATE_TIME}. */
const LEAP_SECOND = /:60(?=[.Z+-])/;

const SECOND_BEFORE_LEAP_SECOND = /-(?:06-30|12-31)T23:59:59/;
/** UTC has leap seconds since 1972. */
const FIRST_LEAP_SECOND_MS = Date.parse('1972-06-30T23:59:59Z');

/**
 * Returns the instant of a leap second: the end of its day, so that it comes after `23:59:59.999` with any fraction. RFC 3339
 * (https://www.rfc-editor.org/rfc/rfc3339#section-5.7) allows leap seconds at the end of June and December in UTC. The few
 * that were announced are not listed here: an older version of this software would refuse the next one.
 * @param secondBefore the same time with 59 as its second, in ms since 1970
 * @returns ms since 1970; undefined where no leap second is possible
 */
export function resolveLeapSecond(secondBefore: number): number | undefined {
  if (secondBefore < FIRST_LEAP_SECOND_MS || secondBefore > LATEST_MS) return undefined;
  if (!SECOND_BEFORE_LEAP_SECOND.test(formatInstant(secondBefore))) return undefined;
  return (Math.floor(secondBefore / 1_000) + 1) * 1_000;
}

/**
 * Parses an RFC 3339 date-time with an offset. The second 60 is valid where {@link resolveLeapSecond} says.
 * @returns the instant in UTC, truncated to milliseconds; undefined if the text is not valid
 */
export function normalizeInstant(text: string): string | undefined {
  if (text.length > MAX_DATE_TIME_LENGTH) return undefined;
  const upper = text.toUpperCase();
  if (!RFC_3339_DATE_TIME.test(upper)) return undefined;
  try {
    // Temporal reads the second 60 as 59.
    const { epochMilliseconds } = Temporal.Instant.from(upper);
    const ms = LEAP_SECOND.test(upper) ? resolveLeapSecond(epochMilliseconds) : epochMilliseconds;
    return ms !== undefined && ms >= EARLIEST_MS && ms <= LATEST_MS ? formatInstant(ms) : undefined;
  } catch {
    return undefined;
  }
}

const LOCAL_TIME = /^((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?$/;

/**
 * Parses a wall-clock time, `HH:mm` or `HH:mm:ss`, from 00:00 to 23:59:59.
 * @returns `HH:mm`, with seconds only if they are not 0; undefined if the text is not valid
 */
export function normalizeLocalTime(text: string): string | undefined {
  const match = LOCAL_TIME.exec(text);
  if (!match) return undefined;
  const [, time = '', seconds = ''] = match;
  return seconds === ':00' ? time : time + seconds;
}

const EPOCH = Temporal.Instant.fromEpochMilliseconds(0);

/** The longest IANA name, `America/Argentina/ComodRivadavia`, has 32 characters. */
const MAX_TIME_ZONE_LENGTH = 64;
/** Temporal accepts more than names: offsets (`+05:00`), and date-times with a zone in brackets. */
const IANA_NAME = /^[a-z][a-z0-9_+-]*(\/[a-z0-9_+-]+)*$/i;

/**
 * Parses an IANA time zone name in any letter case.
 * @returns the name as Temporal writes it; undefined for an unknown name or an offset
 */
export function normalizeTimeZone(text: string): string | undefined {
  if (text.length > MAX_TIME_ZONE_LENGTH || !IANA_NAME.test(text)) return undefined;
  try {
    return EPOCH.toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return undefined;
  }
}
