import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FetchFailure } from './fetch-failure.js';
import { isUnavailable, type HttpResponse } from './http-client.js';
import { createRetryBudget } from './retry-budget.js';

export interface RetryOptions {
  /** After the first try of a query. @default 2 */
  readonly attempts?: number;
  /** The longest wait before the first retry; it doubles with each. The wait is drawn at random. @default 50 */
  readonly backoffMs?: number;
  /** Retries that each request pays for. @default 0.1 */
  readonly ratio?: number;
  /** Retries that may be made at once, at most. @default 10 */
  readonly reserve?: number;
}

export interface Retries {
  /** To be told of each query. */
  begin(): void;
  /** Waits a little where a failed try may be repeated. @returns whether it may */
  mayFollow(
    tried: HttpResponse | FetchFailure,
    retries: number,
    abortSignal: () => AbortSignal,
  ): Promise<boolean> | false;
}

/** Lets be tried again what failed because the service was not there: connections that break, statuses that say so. */
export function createRetries(options: RetryOptions = {}): Retries {
  const { attempts = 2, backoffMs = 50, ratio = 0.1, reserve = 10 } = options;
  const budget = createRetryBudget(ratio, reserve);
  return {
    begin: () => budget.deposit(),
    mayFollow(tried, retries, abortSignal) {
      if (!isPassing(tried) || retries >= attempts || !budget.withdraw()) return false;
      const longestMs = backoffMs * 2 ** retries;
      return wait(randomInt(longestMs + 1), true, { signal: abortSignal() }).catch(() => false);
    },
  };
}

const isPassing = (result: HttpResponse | FetchFailure): boolean =>
  'kind' in result ? result.kind === 'unreachable' : isUnavailable(result.status);
