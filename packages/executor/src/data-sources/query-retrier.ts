import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/** How a data source retries queries. */
export interface RetryOptions {
  /** Maximum number of retries after the first attempt of a query. 0 turns retries off. @default 2 */
  readonly attempts?: number;
  /** Maximum delay before the first retry, in milliseconds. It doubles with each retry; the delay is random. @default 50 */
  readonly backoffMs?: number;
  /** Share of a retry that each query adds to the retry budget, 0..1. @default 0.1 // one retry per ten queries */
  readonly ratio?: number;
  /** Maximum size of the retry budget: number of retries that can follow one another in a burst. @default 10 */
  readonly reserve?: number;
}

/** Decides whether a failed query is sent again. A budget keeps retries from overloading a failing subgraph. */
export interface QueryRetrier {
  /** Call once per query: adds to the retry budget. */
  recordQuery(): void;
  /**
   * Waits before a retry. Call it only after a failure that may be transient.
   * @param retryCount retries made so far
   * @param getAbortSignal ends the wait; called only if there is one
   * @returns `false`, at once or after the wait, if the query must not be sent again
   */
  waitForRetry(retryCount: number, getAbortSignal: () => AbortSignal): Promise<boolean> | false;
}

/** Creates a retrier with a full budget. */
export function createQueryRetrier(options: RetryOptions = {}): QueryRetrier {
  const { attempts = 2, backoffMs = 50, ratio = 0.1, reserve = 10 } = options;
  let budget = reserve;

  const spendBudget = (): boolean => {
    if (budget < 1) return false;
    budget -= 1;
    return true;
  };

  return {
    recordQuery() {
      budget = Math.min(reserve, budget + ratio);
    },
    waitForRetry(retryCount, getAbortSignal) {
      if (retryCount >= attempts || !spendBudget()) return false;
      const maxDelayMs = backoffMs * 2 ** retryCount;
      return wait(randomInt(maxDelayMs + 1), true, { signal: getAbortSignal() }).catch(() => false);
    },
  };
}
