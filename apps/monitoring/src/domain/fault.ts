/** One thing wrong with a command's input. `docs/errors.md` lists the codes. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly code: FaultCode;
  readonly message: string;
}

export type FaultCode =
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
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'STALE_VERSION';

/** Where in the input a fault is, below `input`. */
export const at = (...path: readonly (string | number)[]): readonly (string | number)[] => ['input', ...path];

/** A value that is as it should be, in its normal form, or what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly faults: readonly Fault[] };

export const good = <T>(value: T): Checked<T> => ({ value });

export const bad = (path: Fault['path'], code: FaultCode, message: string): Checked<never> => ({
  faults: [{ path, code, message }],
});

/** Takes all checks together: every value, or every fault. */
export function gather<T extends object>(checks: { readonly [K in keyof T]: Checked<T[K]> }): Checked<T> {
  const values: Partial<T> = {};
  const faults: Fault[] = [];
  for (const key of Object.keys(checks) as (keyof T)[]) {
    const checked = checks[key];
    if ('value' in checked) values[key] = checked.value;
    else faults.push(...checked.faults);
  }
  return faults.length > 0 ? { faults } : { value: values as T };
}
