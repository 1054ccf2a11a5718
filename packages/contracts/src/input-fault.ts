/** Codes of input faults. docs/errors.md says what each means. */
export type InputFaultCode =
  | 'NULL'
  | 'REQUIRED'
  | 'EMPTY'
  | 'TOO_LONG'
  | 'CONTROL_CHARACTER'
  | 'INVALID'
  | 'OUT_OF_RANGE'
  | 'REPEATED'
  | 'HALF_HOURS'
  | 'NO_HOURS_NO_TIMER'
  | 'NOT_TOGETHER'
  | 'TOO_FAR_AHEAD'
  | 'PAST'
  | 'READING_IN_FUTURE'
  | 'READING_BEFORE_HORIZON'
  | 'READING_TOO_LATE'
  | 'READING_TOO_OLD'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'STALE_VERSION'
  | 'QUOTA_EXCEEDED';

/** One thing wrong with an input. Clients read all faults of an input under `extensions.faults`. */
export interface InputFault {
  /** The path of the field from the argument down, such as `['input', 'days', 0]`. */
  readonly path: readonly (string | number)[];
  readonly code: InputFaultCode;
  readonly message: string;
}

/**
 * Selects the faults that a caller may see, and the error code that reports them. A forbidden field hides the other
 * faults: the caller learns nothing else about the input.
 */
export function prioritizeForbiddenFaults<Fault extends InputFault>(
  faults: readonly Fault[],
): { readonly code: 'FORBIDDEN' | 'BAD_USER_INPUT'; readonly faults: readonly Fault[] } {
  const forbidden = faults.filter(({ code }) => code === 'FORBIDDEN');
  return forbidden.length > 0 ? { code: 'FORBIDDEN', faults: forbidden } : { code: 'BAD_USER_INPUT', faults };
}
