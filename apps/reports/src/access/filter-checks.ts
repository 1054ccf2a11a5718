import { MAX_USER_ID_LENGTH, type InputFault } from '@seguridad-abc/contracts';
import {
  checkEntityId,
  checkEnumList,
  checkTextLength,
  MAX_OPENING_NAME_LENGTH,
  normalizeText,
  type InputCheckResult,
} from '@seguridad-abc/evaluation';
import { createInputError } from './caller-access.js';

/** Checks the fields of one filter, and collects their faults. A field that is null or absent has the value undefined. */
export interface FilterChecks {
  /** Faults with paths below the argument `filter`. */
  readonly faults: readonly InputFault[];
  /** @returns undefined if the field is absent or has a fault */
  check<Raw, Value>(
    raw: Raw | null | undefined,
    check: (raw: Raw) => InputCheckResult<Value>,
  ): Value | undefined;
  /** Checks a user id. It must not be longer than a user id can be. */
  checkUserId(raw: string | null | undefined): string | undefined;
  /** Checks the id of a rule or an alarm. It must not be longer than an id can be. */
  checkId(field: string, raw: string | null | undefined): string | undefined;
  /** Brings the name of an opening to the form in which monitoring stores it: trimmed, in Unicode NFC. */
  checkOpening(raw: string | null | undefined): string | undefined;
  /** Checks a list of enum values. */
  checkEnumValues<Value>(
    field: string,
    raw: readonly Value[] | null | undefined,
    values: readonly Value[],
  ): readonly Value[] | undefined;
}

export function createFilterChecks(): FilterChecks {
  const faults: InputFault[] = [];
  const check: FilterChecks['check'] = (raw, checkRaw) => {
    if (raw === null || raw === undefined) return undefined;
    const checked = checkRaw(raw);
    if ('value' in checked) return checked.value;
    faults.push(...checked.faults.map((fault) => ({ ...fault, path: ['filter', ...fault.path] })));
    return undefined;
  };
  return {
    faults,
    check,
    checkUserId: (raw) => check(raw, (id) => checkTextLength('userId', id, MAX_USER_ID_LENGTH)),
    checkId: (field, raw) => check(raw, (id) => checkEntityId(field, id)),
    checkOpening: (raw) => check(raw, (name) => normalizeText('opening', name, MAX_OPENING_NAME_LENGTH)),
    checkEnumValues: (field, raw, values) => check(raw, (list) => checkEnumList(field, list, values)),
  };
}

/**
 * Returns the id that an argument gives.
 * @throws ExpectedError BAD_USER_INPUT if it is longer than any id
 */
export function assertEntityId(field: string, id: string): string {
  const checked = checkEntityId(field, id);
  if ('faults' in checked) throw createInputError(checked.faults);
  return id;
}
