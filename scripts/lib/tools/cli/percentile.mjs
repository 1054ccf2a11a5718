/**
 * @param {readonly number[]} sorted ascending, not empty
 * @param {number} p 0 to 100
 */
export function percentile(sorted, p) {
  const index = Math.ceil((p / 100) * sorted.length) - 1;
  return /** @type {number} */ (sorted[Math.max(0, index)]);
}
