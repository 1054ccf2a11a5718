/** Pseudo-random choices that are the same for the same seed. */
export interface SeededRandom {
  /** @returns an integer from 0 to `below` - 1 */
  int(below: number): number;
  /** @returns true with the given probability, from 0 to 1 */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** @returns each of the items with the given probability, and at least one */
  some<T>(items: readonly T[], probability: number): T[];
}

/** Implements mulberry32. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = hashText(`seed ${seed}`);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('Cannot pick from an empty list.');
    return items[int(items.length)] as T;
  };
  return {
    int,
    chance: (probability) => next() < probability,
    pick,
    some(items, probability) {
      const taken = items.filter(() => next() < probability);
      return taken.length > 0 ? taken : [pick(items)];
    },
  };
}

/** @returns an unsigned 32-bit hash: FNV-1a with a final mix */
export function hashText(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** @returns a number from 0 to just under 1 that depends on the text alone */
export const hashToFraction = (text: string): number => hashText(text) / 2 ** 32;
