import type { OpeningState } from '@seguridad-abc/contracts';

/** The codes of `readings.code` for what a reading says of the state. */
export const STATE_CODES = { CLOSED: 0, OPEN: 1 } as const;
/** The code of a reading that does not report the state. */
export const NO_STATE_CODE = 2;
/** Is added to the code of a withdrawn reading: no look-up finds it any more, and its id stays used. */
export const WITHDRAWN_CODE = 4;

/** The codes of readings that are not withdrawn. */
export const PRESENT_CODES: readonly number[] = [...Object.values(STATE_CODES), NO_STATE_CODE];
/** The codes of withdrawn readings. */
export const WITHDRAWN_CODES: readonly number[] = PRESENT_CODES.map((code) => code + WITHDRAWN_CODE);

/** The code of a reading that is not withdrawn. */
export const toReadingCode = (state: OpeningState | null): number =>
  state === null ? NO_STATE_CODE : STATE_CODES[state];

/** Whether a code is that of a withdrawn reading. */
export const isWithdrawnCode = (code: number): boolean => code >= WITHDRAWN_CODE;

/** Returns the state that a code stands for, also that of a withdrawn reading. */
export function fromReadingCode(code: number): OpeningState | null {
  const state = code % WITHDRAWN_CODE;
  if (state === NO_STATE_CODE) return null;
  return state === STATE_CODES.OPEN ? 'OPEN' : 'CLOSED';
}
