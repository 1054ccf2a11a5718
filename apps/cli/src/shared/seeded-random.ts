export interface SeededRandom {
  /** A whole number from 0 up to, not including, `limit`. */
  nextInt(limit: number): number;
  /** An item of a non-empty list. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/**
 * Creates a generator that returns the same sequence for the same seed (mulberry32).
 * @param seed a 32-bit whole number
 */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const nextInt = (limit: number) => Math.floor(next() * limit);
  return { nextInt, pick: (items) => items[nextInt(items.length)] ?? items[0] };
}
