import { LRUCache } from 'lru-cache';
import { Allowance, createAllowanceRate } from '@seguridad-abc/platform';
import { createRateLimitedError } from './rate-limiter.js';

/** Addresses whose bad tokens are counted. Each takes about 300 bytes. */
const MAX_ADDRESSES = 20_000;

/** Bounds the tokens that are verified in vain: a signature takes much longer to verify than a verified token to find. */
export interface BadTokenThrottle {
  /** Number of tokens that were not verified. */
  readonly refusalCount: number;
  /**
   * Called before a token is verified.
   * @param addressGroup see `getAddressGroup`
   * @throws ExpectedError RATE_LIMITED if the address has sent too many bad tokens
   */
  assertMayVerify(addressGroup: string): void;
  recordBadToken(addressGroup: string): void;
}

/** @param now a monotonic clock in milliseconds */
export function createBadTokenThrottle(
  maxPerMinute: number,
  now = () => performance.now(),
  maxAddresses = MAX_ADDRESSES,
): BadTokenThrottle {
  const rate = createAllowanceRate(maxPerMinute, maxPerMinute);
  const allowances = new LRUCache<string, Allowance>({ max: maxAddresses });
  let refusalCount = 0;
  return {
    get refusalCount() {
      return refusalCount;
    },
    assertMayVerify(addressGroup) {
      const waitMs = allowances.get(addressGroup)?.getWaitMs(1, now()) ?? 0;
      if (waitMs <= 0) return;
      refusalCount += 1;
      throw createRateLimitedError(waitMs, 'Your address has sent too many invalid tokens.');
    },
    recordBadToken(addressGroup) {
      let allowance = allowances.get(addressGroup);
      if (!allowance) allowances.set(addressGroup, (allowance = new Allowance(rate)));
      allowance.takeAnyway(1, now());
    },
  };
}
