/** How far a reader of a log is behind the end of the log. */
export interface LogLag {
  /** Entries after the position of the reader. */
  readonly entries: number;
  /** How long the first of them has waited at least, in whole seconds; 0 without entries. */
  readonly seconds: number;
  /** How long entries have waited while the reader did not advance, in whole seconds. */
  readonly stalledSeconds: number;
}

/**
 * Measures the lag of one reader. It observes where the log ends, and remembers when, so it depends on no clock of another
 * process. What waited before the first observation counts from that one.
 */
export interface LogLagMeter {
  /** Records the position at which the log ends now. */
  observeHead(head: number): void;
  /**
   * Measures the lag. To be called regularly: a reader advances if its position differs from that of the last call.
   * @param position the position up to which the reader has processed the log
   * @returns undefined before the first observation
   */
  measure(position: number): LogLag | undefined;
}

/** If there are more, every second one is forgotten: the older an observation, the less exact is `seconds`. */
const MAX_OBSERVATIONS = 512;

/** @param now a monotonic clock, in milliseconds */
export function createLogLagMeter(now: () => number = () => performance.now()): LogLagMeter {
  /** When the log was first seen to reach a position, in order. The last one is the known end of the log. */
  let observations: { readonly head: number; readonly at: number }[] = [];
  let lastPosition: number | undefined;
  /** When entries began to wait at `lastPosition`. */
  let stalledSince: number | undefined;

  const toSeconds = (since: number) => Math.floor((now() - since) / 1_000);

  return {
    observeHead(head) {
      const last = observations.at(-1);
      if (last?.head === head) return;
      // Another log, or one that was restored: what was observed of the former one does not count.
      if (last && head < last.head) observations = [];
      observations.push({ head, at: now() });
      if (observations.length > MAX_OBSERVATIONS)
        observations = observations.filter(
          (_, index, { length }) => index === 0 || index % 2 === (length - 1) % 2,
        );
    },
    measure(position) {
      const end = observations.at(-1);
      if (!end) return undefined;
      const firstWaiting = observations.findIndex(({ head }) => head > position);
      observations = firstWaiting === -1 ? [end] : observations.slice(firstWaiting);
      const [first] = observations;
      if (firstWaiting === -1 || !first) {
        lastPosition = position;
        stalledSince = undefined;
        return { entries: 0, seconds: 0, stalledSeconds: 0 };
      }
      if (position !== lastPosition || stalledSince === undefined) stalledSince = now();
      lastPosition = position;
      return {
        entries: end.head - position,
        seconds: toSeconds(first.at),
        stalledSeconds: toSeconds(stalledSince),
      };
    },
  };
}

/** A reader that does not advance for this long, although entries wait, reports it. */
export const MAX_LOG_STALL_SECONDS = 5;

/**
 * Describes why a reader of a log does not advance, for the health of its service.
 * @param position the position up to which the reader has processed the log
 * @param problem why the reader does not advance, if it knows
 * @param waitsFor completes "position 7 waits": "to be published"
 * @returns undefined while the reader advances, and if nothing waits and there is no problem
 */
export function describeLogStall(
  position: number | undefined,
  lag: LogLag | undefined,
  problem: string | undefined,
  waitsFor: string,
): string | undefined {
  if (position === undefined || !lag || lag.entries === 0) return problem;
  if (problem === undefined && lag.stalledSeconds < MAX_LOG_STALL_SECONDS) return undefined;
  const since = new Date(Date.now() - lag.seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const reason = problem ?? `nothing was processed for ${lag.stalledSeconds} s`;
  return `log position ${position + 1} waits ${waitsFor} since ${since}: ${reason}`;
}
