/** A fault of a cell. The codes are those of the API. */
export interface CellFault {
  readonly code: string;
  readonly message: string;
}

/** `value` is undefined if the cell leaves the field at its default. */
export type ParsedCell<Value> = { readonly value: Value | undefined } | { readonly fault: CellFault };

export const createFaultyCell = (code: string, message: string): { readonly fault: CellFault } => ({
  fault: { code, message },
});

export const createInvalidCell = (message: string) => createFaultyCell('INVALID', message);
