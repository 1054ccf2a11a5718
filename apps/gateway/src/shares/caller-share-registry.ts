import { LRUCache } from 'lru-cache';
import type { AllowanceRate } from '@seguridad-abc/platform';
import { CallerShare, type ShareKind } from './caller-share.js';

/**
 * Shares that are kept while their callers hold nothing. A share and its key take up to 1 KB. Redis still knows what the
 * callers of forgotten shares have used.
 */
const MAX_IDLE_SHARES = 20_000;

/** The shares of the callers that a gateway has seen lately. */
export interface CallerShareRegistry {
  /**
   * Returns the share of a caller; the same object as long as the caller holds something.
   * @param key the same for all requests of the caller
   * @param tier of the caller's token
   */
  find(key: string, kind: ShareKind, tier: string | undefined): CallerShare;
  /** Returns the share of a key if `find` has returned it before and it is not forgotten. */
  findKnown(key: string): CallerShare | undefined;
  /** Called when a caller holds less than before. */
  onRelease(share: CallerShare): void;
  /** Number of shares in memory. */
  readonly size: number;
}

/** @param getRate the rate of a kind of caller with a tier */
export function createCallerShareRegistry(
  getRate: (kind: ShareKind, tier: string | undefined) => AllowanceRate,
  maxIdleShares = MAX_IDLE_SHARES,
): CallerShareRegistry {
  /** Shares that were evicted while their callers held something. Open connections bound their number. */
  const evictedInUse = new Map<string, CallerShare>();
  const shares = new LRUCache<string, CallerShare>({
    max: maxIdleShares,
    dispose(share, key, reason) {
      if (reason === 'evict' && share.isInUse) evictedInUse.set(key, share);
    },
  });

  const findOrCreate = (key: string, kind: ShareKind, tier: string | undefined): CallerShare => {
    const share = evictedInUse.get(key) ?? new CallerShare(key, kind, tier, getRate(kind, tier));
    evictedInUse.delete(key);
    shares.set(key, share);
    return share;
  };

  return {
    find(key, kind, tier) {
      const share = shares.get(key) ?? findOrCreate(key, kind, tier);
      if (share.tier !== tier) {
        // The caller's newer token has another tier.
        share.tier = tier;
        share.allowance.rate = getRate(kind, tier);
      }
      return share;
    },
    findKnown: (key) => shares.get(key) ?? evictedInUse.get(key),
    onRelease(share) {
      if (evictedInUse.size > 0 && !share.isInUse) evictedInUse.delete(share.key);
    },
    get size() {
      return shares.size + evictedInUse.size;
    },
  };
}
