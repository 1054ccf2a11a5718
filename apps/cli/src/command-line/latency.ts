/**
 * The smallest value that at least this share of the values does not exceed; NaN if there is none.
 * @param sorted ascending
 * @param percent 0 to 100
 */
export function getPercentile(sorted: readonly number[], percent: number): number {
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? NaN;
}

/** Formats milliseconds as `3.2 ms` or `1,204 ms`. */
export const formatMilliseconds = (ms: number): string =>
  `${ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')} ms`;
