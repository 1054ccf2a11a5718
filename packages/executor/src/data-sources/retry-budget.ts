/** Keeps retries a small share of all requests, so that they do not finish off a service that fails. */
export interface RetryBudget {
  /** To be told of each request. */
  deposit(): void;
  /** @returns whether a retry may be made; it is paid for then */
  withdraw(): boolean;
}

/**
 * @param ratio retries that each request pays for
 * @param reserve retries that may be made at once, at most
 */
export function createRetryBudget(ratio: number, reserve: number): RetryBudget {
  let balance = reserve;
  return {
    deposit() {
      balance = Math.min(reserve, balance + ratio);
    },
    withdraw() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
