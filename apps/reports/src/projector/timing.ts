export interface ProjectorTiming {
  /** A read of the stream waits so long for a first entry. */
  readonly blockMs: number;
  /** While nothing comes, the log itself is asked so often whether it has more. */
  readonly idleCheckMs: number;
  /** After a hindrance the projector looks again: first after this, */
  readonly retryMs: number;
  /** then twice as late each time, up to this. */
  readonly maxRetryMs: number;
}

export const PROJECTOR_TIMING: ProjectorTiming = {
  blockMs: 2_000,
  idleCheckMs: 30_000,
  retryMs: 250,
  maxRetryMs: 5_000,
};
