/** A map that forgets what was used longest ago once it is full. What it holds is found fast, and added slowly. */
export interface LruCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  readonly size: number;
  /** Those used last come last. */
  values(): Value[];
}

interface Entry<Value> {
  readonly value: Value;
  usedAt: number;
}

export function createLruCache<Value>(capacity: number): LruCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  let uses = 0;

  const forgetOldest = () => {
    let oldest: string | undefined;
    let usedAt = Infinity;
    for (const [key, entry] of entries) {
      if (entry.usedAt > usedAt) continue;
      oldest = key;
      usedAt = entry.usedAt;
    }
    if (oldest !== undefined) entries.delete(oldest);
  };

  return {
    get size() {
      return entries.size;
    },
    values: () => [...entries.values()].sort((a, b) => a.usedAt - b.usedAt).map(({ value }) => value),
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entry.usedAt = ++uses;
      return entry.value;
    },
    set(key, value) {
      entries.set(key, { value, usedAt: ++uses });
      if (entries.size > capacity) forgetOldest();
    },
  };
}
