import type { LRUCache } from 'lru-cache';

/** The use and the size of a cache. */
export interface CacheStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Number of entries. */
  readonly entries: number;
  /** The size of all entries, as estimated. */
  readonly bytes: number;
  /** The size that the cache does not exceed. */
  readonly maxBytes: number;
}

const EMPTY_CACHE: CacheStatistics = { hits: 0, misses: 0, entries: 0, bytes: 0, maxBytes: 0 };

/** Hits and misses, which the owner of a cache counts. */
export class CacheUse {
  hits = 0;
  misses = 0;

  /** @param cache `undefined` if it is switched off */
  describe<Key extends object | string, Value extends object | string>(
    cache: LRUCache<Key, Value> | undefined,
  ): CacheStatistics {
    if (!cache) return EMPTY_CACHE;
    const { hits, misses } = this;
    return { hits, misses, entries: cache.size, bytes: cache.calculatedSize, maxBytes: cache.maxSize };
  }
}
