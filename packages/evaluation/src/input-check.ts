/** One thing wrong with what a caller gave. `docs/errors.md` lists the codes. */
export interface InputFault {
  /** Of the field, from the argument down. */
  readonly path: readonly (string | number)[];
  readonly code: InputFaultCode;
  readonly message: string;
}

export type InputFaultCode =
  | 'NULL'
  | 'EMPTY'
  | 'TOO_LONG'
  | 'CONTROL_CHARACTER'
  | 'INVALID'
  | 'OUT_OF_RANGE'
  | 'REPEATED'
  | 'HALF_HOURS'
  | 'NO_HOURS_NO_TIMER'
  | 'TOO_FAR_AHEAD'
  | 'READING_IN_FUTURE'
  | 'FORBIDDEN';

/** A value that is as it should be, in its normal form, or what is wrong with it. */
export type CheckResult<T> = { readonly value: T } | { readonly faults: readonly InputFault[] };

export const validValue = <T>(value: T): CheckResult<T> => ({ value });

export const invalidValue = (
  path: InputFault['path'],
  code: InputFaultCode,
  message: string,
): CheckResult<never> => ({
  faults: [{ path, code, message }],
});

/** Takes all checks together: every value, or every fault. */
export function combineChecks<T extends object>(checks: {
  readonly [K in keyof T]: CheckResult<T[K]>;
}): CheckResult<T> {
  const values: Partial<T> = {};
  const faults: InputFault[] = [];
  for (const key of Object.keys(checks) as (keyof T)[]) {
    const checked = checks[key];
    if ('value' in checked) values[key] = checked.value;
    else faults.push(...checked.faults);
  }
  return faults.length > 0 ? { faults } : { value: values as T };
}
