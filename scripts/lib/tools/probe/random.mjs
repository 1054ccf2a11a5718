/**
 * @typedef {object} Random
 * @property {(below: number) => number} whole from 0, evenly
 * @property {<T>(items: readonly T[]) => T} pick of a list that is not empty
 */

/**
 * The same sequence for the same seed: mulberry32, which is even enough to mix with.
 *
 * @param {number} seed a whole number of 32 bits
 * @returns {Random}
 */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (/** @type {number} */ below) => Math.floor(next() * below);
  return { whole, pick: (items) => /** @type {(typeof items)[number]} */ (items[whole(items.length)]) };
}
