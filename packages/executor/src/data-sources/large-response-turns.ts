import { createFairJobQueue, type QueuedJob } from '../shared/fair-job-queue.js';

/**
 * Gives large responses of subgraphs their turns: to parse one, and to create the client's response from it, takes up to some tens of
 * milliseconds. One is handled in a turn of the event loop, so that several that arrive together keep no other client waiting.
 */
export interface LargeResponseTurns {
  /**
   * Waits until the response of a caller may be handled. What the caller's code then does synchronously, or in microtasks, is its
   * turn. After it, other callers are served for as long as it took; a caller without a key does not wait for that.
   * @param fairnessKey responses with equal keys are of the same caller
   * @param bytes the size of the response
   * @returns undefined if the turn is now
   */
  wait(fairnessKey: string | undefined, bytes: number): Promise<void> | undefined;
}

/** Smaller responses are handled at once. In bytes. */
export const LARGE_RESPONSE_BYTES = 32_768; // 32 KiB

interface ResponseJob extends QueuedJob {
  readonly startTurn: () => void;
}

/** The limits of connections and of response sizes bound what waits. */
const NO_LIMITS = { maxJobs: Infinity, maxJobsPerCaller: Infinity, maxBytes: Infinity };
/** A caller rests at most for this time after a turn. */
const MAX_REST_MS = 100;

/** @param now a monotonic clock in milliseconds */
export function createLargeResponseTurns(now = () => performance.now()): LargeResponseTurns {
  const jobs = createFairJobQueue<ResponseJob>(NO_LIMITS, now);
  /** When the rest of a caller ends. */
  const restEnds = new Map<string, number>();
  /** Whether a turn runs, or the next one is planned. */
  let isBusy = false;
  let restTimer: NodeJS.Timeout | undefined;

  const isResting = (fairnessKey: string | undefined) =>
    fairnessKey !== undefined && (restEnds.get(fairnessKey) ?? -Infinity) > now();
  const isEligible = (fairnessKey: string | undefined) => !isResting(fairnessKey);

  const beginTurn = (fairnessKey: string | undefined) => {
    isBusy = true;
    const startedAt = now();
    const end = () => {
      const usedMs = now() - startedAt;
      jobs.charge(fairnessKey, usedMs);
      if (fairnessKey !== undefined) restEnds.set(fairnessKey, now() + Math.min(usedMs, MAX_REST_MS));
      setImmediate(startNextTurn);
    };
    // A callback of `nextTick` that a microtask adds runs when there is no further microtask.
    queueMicrotask(() => process.nextTick(end));
  };

  const startNextTurn = () => {
    isBusy = false;
    clearTimeout(restTimer);
    for (const fairnessKey of restEnds.keys()) if (!isResting(fairnessKey)) restEnds.delete(fairnessKey);
    const job = jobs.take(isEligible);
    if (job) {
      beginTurn(job.fairnessKey);
      job.startTurn();
    } else if (jobs.size > 0) {
      restTimer = setTimeout(startNextTurn, Math.min(...restEnds.values()) - now());
    }
  };

  return {
    wait(fairnessKey, bytes) {
      if (!isBusy && isEligible(fairnessKey)) {
        beginTurn(fairnessKey);
        return undefined;
      }
      return new Promise((startTurn) => {
        jobs.add({ fairnessKey, bytes, startTurn });
        if (!isBusy) startNextTurn();
      });
    },
  };
}

/** One for all executors: they share the thread. */
export const largeResponseTurns = createLargeResponseTurns();
