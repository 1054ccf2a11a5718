import type { GraphQLError } from 'graphql';
import { createCodedError } from '../../shared/errors.js';
import { createFairJobQueue, type QueuedJob } from '../../shared/fair-job-queue.js';

/**
 * Reads large requests and new documents one after the other: parses and prepares them. Between two of them the event loop serves
 * other requests, so that expensive requests, however many arrive at once, keep nobody waiting for long.
 */
export interface ExpensiveRequestQueue {
  /**
   * Reads a request when it is its client's turn: at once if no other expensive request waits, so that a promise is not always
   * needed.
   * @param fairnessKey requests with equal keys are of the same client. The client that used the least time recently is next
   * @param bytes the size of the request
   * @returns what `read` returns, or a promise of it
   * @throws GraphQLError OVERLOADED if too many expensive requests wait; what `read` throws. Also as a rejection
   */
  run<Result>(
    fairnessKey: string | undefined,
    bytes: number,
    read: () => Result | Promise<Result>,
  ): Result | Promise<Result>;
}

interface ReadJob extends QueuedJob {
  /** Settles the promise of the job. */
  readonly run: () => void;
}

const QUEUE_LIMITS = { maxJobs: 2_000, maxJobsPerCaller: 200, maxBytes: 134_217_728 }; // 128 MiB
/** Expensive requests are read for this time before the event loop serves other requests. */
const TURN_MS = 5;
/** After a longer turn, expensive requests pause for as long as the turn took, at most for this time. */
const MAX_PAUSE_MS = 100;

/** @param now a monotonic clock in milliseconds */
export function createExpensiveRequestQueue(now = () => performance.now()): ExpensiveRequestQueue {
  const jobs = createFairJobQueue<ReadJob>(QUEUE_LIMITS, now);
  /** Whether the next turn is planned. */
  let isPausing = false;
  /** Whether a request is read now. A part of it may be expensive on its own. */
  let isReading = false;

  const readNow = <Result>(read: () => Result): Result => {
    isReading = true;
    try {
      return read();
    } finally {
      isReading = false;
    }
  };

  const planNextTurn = (usedMs: number) => {
    isPausing = true;
    // Operations of other clients take several turns of the event loop: their subgraphs respond in between.
    if (usedMs >= TURN_MS) setTimeout(takeTurn, Math.min(usedMs, MAX_PAUSE_MS));
    else setImmediate(takeTurn);
  };
  const takeTurn = () => {
    isPausing = false;
    const startedAt = now();
    let job = jobs.take(isAnyCaller);
    if (!job) return;
    let usedMs = 0;
    while (job) {
      const jobStartedAt = now();
      job.run();
      const endedAt = now();
      jobs.charge(job.fairnessKey, endedAt - jobStartedAt);
      usedMs = endedAt - startedAt;
      job = usedMs < TURN_MS ? jobs.take(isAnyCaller) : undefined;
    }
    planNextTurn(usedMs);
  };

  return {
    run(fairnessKey, bytes, read) {
      if (isReading) return read();
      if (!isPausing) {
        const startedAt = now();
        try {
          return readNow(read);
        } finally {
          const usedMs = now() - startedAt;
          jobs.charge(fairnessKey, usedMs);
          planNextTurn(usedMs);
        }
      }
      return new Promise((resolve, reject: (error: Error) => void) => {
        const run = () => {
          try {
            resolve(readNow(read));
          } catch (error) {
            reject(error as Error);
          }
        };
        if (!jobs.add({ fairnessKey, bytes, run })) reject(createOverloadedError());
      });
    },
  };
}

const isAnyCaller = () => true;

const createOverloadedError = (): GraphQLError =>
  createCodedError(
    'OVERLOADED',
    'Too many large requests and new documents wait to be read. Try again in a moment.',
  );
