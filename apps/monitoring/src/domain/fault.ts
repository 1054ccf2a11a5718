import type { InputFault } from '@seguridad-abc/contracts';

/** Where in the input a fault is, below `input`. */
export const at = (...path: readonly (string | number)[]): readonly (string | number)[] => ['input', ...path];

/** A fault of a field, told from the command's argument down. */
export const inInput = (fault: InputFault): InputFault => ({ ...fault, path: at(...fault.path) });
