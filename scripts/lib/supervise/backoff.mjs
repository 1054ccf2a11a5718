const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** A program that ran this long was well: what ends it then begins anew. */
const WELL_MS = 30_000;

/**
 * How long to wait before a program that ended is started again.
 *
 * @returns {(ranMs: number) => number} told how long it ran, the delay in ms
 */
export function createBackoff() {
  let next = FIRST_MS;
  return (ranMs) => {
    if (ranMs >= WELL_MS) next = FIRST_MS;
    const delay = next;
    next = Math.min(next * 2, LONGEST_MS);
    return delay;
  };
}
