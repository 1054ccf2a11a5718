/** One thing wrong with what a caller gave. `docs/errors.md` lists the codes. */
export interface FieldFault {
  /** Of the field, from the argument down. */
  readonly path: readonly (string | number)[];
  readonly code: FieldFaultCode;
  readonly message: string;
}

export type FieldFaultCode =
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
export type Checked<T> = { readonly value: T } | { readonly faults: readonly FieldFault[] };

export const good = <T>(value: T): Checked<T> => ({ value });

export const bad = (path: FieldFault['path'], code: FieldFaultCode, message: string): Checked<never> => ({
  faults: [{ path, code, message }],
});

/** Takes all checks together: every value, or every fault. */
export function gather<T extends object>(checks: { readonly [K in keyof T]: Checked<T[K]> }): Checked<T> {
  const values: Partial<T> = {};
  const faults: FieldFault[] = [];
  for (const key of Object.keys(checks) as (keyof T)[]) {
    const checked = checks[key];
    if ('value' in checked) values[key] = checked.value;
    else faults.push(...checked.faults);
  }
  return faults.length > 0 ? { faults } : { value: values as T };
}
