/**
 * A map of limited size that evicts the least recently used entry. Reads are O(1). A write to a full cache is O(n), so
 * that reads need no list of uses.
 */
export interface LruCache<Value> {
  /** Marks the entry as used. */
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  readonly size: number;
  /** All values, the most recently used one last. */
  values(): Value[];
}

interface CacheEntry<Value> {
  readonly value: Value;
  lastUse: number;
}

/** @param capacity maximum number of entries */
export function createLruCache<Value>(capacity: number): LruCache<Value> {
  const entries = new Map<string, CacheEntry<Value>>();
  let useCount = 0;

  const evictLeastRecentlyUsed = () => {
    let oldestKey: string | undefined;
    let oldestUse = Infinity;
    for (const [key, { lastUse }] of entries) {
      if (lastUse > oldestUse) continue;
      oldestKey = key;
      oldestUse = lastUse;
    }
    if (oldestKey !== undefined) entries.delete(oldestKey);
  };

  return {
    get size() {
      return entries.size;
    },
    values: () => [...entries.values()].sort((a, b) => a.lastUse - b.lastUse).map(({ value }) => value),
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entry.lastUse = ++useCount;
      return entry.value;
    },
    set(key, value) {
      entries.set(key, { value, lastUse: ++useCount });
      if (entries.size > capacity) evictLeastRecentlyUsed();
    },
  };
}
