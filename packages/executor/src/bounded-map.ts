/** A map that forgets what was used longest ago once it is full. */
export interface BoundedMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  readonly size: number;
  /** Those used last come last. */
  keys(): string[];
}

export function createBoundedMap<Value>(capacity: number): BoundedMap<Value> {
  // A Map keeps the order of insertion: the first key is the one used longest ago.
  const entries = new Map<string, Value>();
  return {
    get size() {
      return entries.size;
    },
    keys: () => [...entries.keys()],
    get(key) {
      const value = entries.get(key);
      if (value !== undefined) {
        entries.delete(key);
        entries.set(key, value);
      }
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= capacity) break;
        entries.delete(oldest);
      }
    },
  };
}
