/** The two clocks of the monitor's machine, read at the same time. */
export interface ClockReading {
  /** Milliseconds of a clock that never goes back. Durations and health decisions use this clock. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970. Only for display and storage, because the wall clock may be set. */
  readonly wallMs: number;
}

/** Formats an instant as the contracts write it: UTC with milliseconds. */
export const formatInstant = (wallMs: number): string => new Date(wallMs).toISOString();
