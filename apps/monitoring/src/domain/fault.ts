import type { FieldFault, FieldFaultCode } from '@seguridad-abc/judging';

/** One thing wrong with a command. `docs/errors.md` lists the codes. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly code: FaultCode;
  readonly message: string;
}

export type FaultCode = FieldFaultCode | 'NOT_FOUND' | 'CONFLICT' | 'STALE_VERSION';

/** Where in the input a fault is, below `input`. */
export const at = (...path: readonly (string | number)[]): readonly (string | number)[] => ['input', ...path];

/** A fault of a field, told from the command's argument down. */
export const inInput = (fault: FieldFault): Fault => ({ ...fault, path: at(...fault.path) });
