import { canAccessUser, WEEKDAYS, type Actor, type Weekday } from '@seguridad-abc/contracts';
import { invalidValue, validValue, type CheckResult, type InputFault } from './input-check.js';
import { parseInstant } from './instant.js';
import { parseLocalTime } from './local-time.js';
import { parseTimeZone } from './time-zone.js';

export const MAX_OPENING_LENGTH = 80;
export const MAX_USER_ID_LENGTH = 128;
/** A week. */
export const MAX_OPEN_SECONDS = 604_800;

/** C0 and C1 controls, and halves of a surrogate pair. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Trimmed, in Unicode NFC; its length counts characters, not UTF-16 units. */
export function checkText(field: string, raw: string, max: number): CheckResult<string> {
  const text = raw.trim().normalize('NFC');
  if (text === '') return invalidValue([field], 'EMPTY', `${field} must not be empty.`);
  const faults: InputFault[] = [];
  const { length } = Array.from(text);
  if (length > max) {
    const message = `${field} must have at most ${max} characters; it has ${length}.`;
    faults.push({ path: [field], code: 'TOO_LONG', message });
  }
  if (UNPRINTABLE.test(text)) {
    faults.push({
      path: [field],
      code: 'CONTROL_CHARACTER',
      message: `${field} must not hold control characters.`,
    });
  }
  return faults.length > 0 ? { faults } : validValue(text);
}

/** Kept as it is: an id belongs to whoever made it. */
function checkUserId(raw: string): CheckResult<string> {
  const checked = checkText('userId', raw, MAX_USER_ID_LENGTH);
  return 'value' in checked ? validValue(raw) : checked;
}

/** Whose a thing is: the caller's own, or of the user that an operator names. */
export function checkOwner(caller: Actor, given: string | null | undefined): CheckResult<string> {
  const owner = given ?? caller.id;
  return canAccessUser(caller, owner)
    ? checkUserId(owner)
    : invalidValue(['userId'], 'FORBIDDEN', 'Only an operator may act for another user.');
}

export function checkInstant(field: string, raw: string): CheckResult<string> {
  const instant = parseInstant(raw);
  const message = `${field} must be an RFC 3339 date-time with an offset, such as 2026-01-31T08:00:00-05:00.`;
  return instant === undefined ? invalidValue([field], 'INVALID', message) : validValue(instant);
}

export function checkLocalTime(field: string, raw: string | null): CheckResult<string | null> {
  if (raw === null) return validValue(null);
  const time = parseLocalTime(raw);
  return time === undefined
    ? invalidValue([field], 'INVALID', `${field} must be a time like 08:00 or 08:00:30.`)
    : validValue(time);
}

export function checkTimeZone(raw: string): CheckResult<string> {
  const zone = parseTimeZone(raw);
  return zone === undefined
    ? invalidValue(
        ['timeZone'],
        'INVALID',
        'timeZone must be an IANA time zone name, such as America/Bogota.',
      )
    : validValue(zone);
}

export function checkDays(raw: readonly Weekday[] | null): CheckResult<Weekday[]> {
  if (raw === null) return validValue([...WEEKDAYS]);
  const faults = raw.flatMap((day, index): InputFault[] =>
    raw.indexOf(day) < index
      ? [{ path: ['days', index], code: 'REPEATED', message: `days names ${day} more than once.` }]
      : [],
  );
  return faults.length > 0 ? { faults } : validValue(WEEKDAYS.filter((day) => raw.includes(day)));
}

export function checkMaxOpenSeconds(raw: number | null): CheckResult<number | null> {
  if (raw === null || (raw >= 1 && raw <= MAX_OPEN_SECONDS)) return validValue(raw);
  return invalidValue(
    ['maxOpenSeconds'],
    'OUT_OF_RANGE',
    `maxOpenSeconds must be from 1 to ${MAX_OPEN_SECONDS}.`,
  );
}

/** Hours come as a pair, and a rule without hours needs a timer. */
export function checkRuleLimits(limits: {
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly maxOpenSeconds: number | null;
}): InputFault[] {
  const { opensAt, closesAt, maxOpenSeconds } = limits;
  if ((opensAt === null) !== (closesAt === null)) {
    const missing = opensAt === null ? 'opensAt' : 'closesAt';
    return [{ path: [missing], code: 'HALF_HOURS', message: 'opensAt and closesAt must be given together.' }];
  }
  if (opensAt === null && maxOpenSeconds === null) {
    const message = 'A rule needs hours (opensAt and closesAt), or a timer (maxOpenSeconds), or both.';
    return [{ path: [], code: 'NO_HOURS_NO_TIMER', message }];
  }
  return [];
}
