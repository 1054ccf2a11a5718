import type { InputFault, InputFaultCode } from '@seguridad-abc/evaluation';

/** One thing wrong with a command. `docs/errors.md` lists the codes. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly code: FaultCode;
  readonly message: string;
}

export type FaultCode = InputFaultCode | 'NOT_FOUND' | 'CONFLICT' | 'STALE_VERSION';

/** Where in the input a fault is, below `input`. */
export const at = (...path: readonly (string | number)[]): readonly (string | number)[] => ['input', ...path];

/** A fault of a field, told from the command's argument down. */
export const inInput = (fault: InputFault): Fault => ({ ...fault, path: at(...fault.path) });
