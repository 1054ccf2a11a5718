/** An error of the caller's making, or one that the caller can act on: told as it is, with a literal code. */
export class ExpectedError extends Error {
  /** graphql-js takes these over into the answer. */
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ExpectedError';
    this.extensions = { ...details, code };
  }
}

/** One thing wrong with an input. */
export interface InputFault {
  /** From the field's argument down: `['input', 'name']`. */
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
}

/** Every fault of one input at once, under `extensions.faults`. */
export const badUserInputError = (faults: readonly InputFault[]): ExpectedError =>
  new ExpectedError('BAD_USER_INPUT', faults.map((fault) => fault.message).join(' '), { faults });

/** Why a process cannot start, in one sentence for the person who started it. */
export class StartError extends Error {
  override name = 'StartError';
}

export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
