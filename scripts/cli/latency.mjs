/**
 * @param {readonly number[]} sorted ascending, not empty
 * @param {number} percent 0 to 100
 * @returns {number} the smallest value that at least this share of the values does not exceed
 */
export function getPercentile(sorted, percent) {
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return /** @type {number} */ (sorted[Math.max(0, index)]);
}

/** @param {number} ms @returns {string} such as `3.2 ms` or `1,204 ms` */
export const formatMilliseconds = (ms) =>
  `${ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')} ms`;
