import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FetchFailure } from './failure.js';
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

type Result = HttpResponse | FetchFailure;

export interface Retries {
  /** @param post tries once */
  run(post: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
}

/** Tries again what failed because the service was not there: connections that break, and statuses that say so. */
export function createRetries(options: RetryOptions = {}): Retries {
  const { attempts = 2, backoffMs = 50, ratio = 0.1, reserve = 10 } = options;
  const budget = createRetryBudget(ratio, reserve);
  return {
    async run(post, signal) {
      budget.deposit();
      let result = await post();
      for (let attempt = 0; attempt < attempts && isPassing(result); attempt++) {
        if (!budget.withdraw()) break;
        await wait(randomInt(backoffMs * 2 ** attempt + 1), undefined, signal && { signal }).catch(
          () => undefined,
        );
        result = await post();
      }
      return result;
    },
  };
}

const isPassing = (result: Result): boolean =>
  'kind' in result ? result.kind === 'unreachable' : isUnavailable(result.status);
