/** How far the read model holds which log. */
export interface Checkpoint {
  /** Null until it is known; only at position 0. */
  readonly logId: string | null;
  /** Of the last entry projected, 0 before the first. */
  readonly position: number;
}

export const BEGINNING: Checkpoint = { logId: null, position: 0 };
