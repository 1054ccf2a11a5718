/** What the monitor judges by. */
export interface Rules {
  /** The monitor's own, for services that have not said theirs. */
  readonly intervalMs: number;
  /** Services that are missed where they are not heard. */
  readonly expected: readonly string[];
  /** An event loop held up longer than this degrades its service. */
  readonly maxLoopDelayMs: number;
  /** More entries waiting than this degrade a service. */
  readonly maxLagEntries: number;
  /** An instance this long down is forgotten while another one works. */
  readonly forgetAfterMs: number;
}

/** This many of its own intervals without a beat make an instance LATE. */
export const LATE_AFTER = 2;
/** This many of its own intervals without a beat make an instance DOWN. */
export const DOWN_AFTER = 5;
/** This many beats in a row, each less than {@link LATE_AFTER} intervals after the one before, bring it UP again. */
export const BEATS_TO_RETURN = 2;
