import { importBuilt } from './import-built.mjs';

const { getPercentile } = /** @type {typeof import('@seguridad-abc/cli')} */ (
  await importBuilt('@seguridad-abc/cli')
);

/**
 * The percentile of values in any order. NaN without values.
 * @param {readonly number[]} values @param {number} p 0 to 100
 */
export const computePercentile = (values, p) =>
  values.length === 0
    ? NaN
    : getPercentile(
        values.toSorted((a, b) => a - b),
        p,
      );

/** @param {readonly number[]} values in any order */
export const computeMedian = (values) => computePercentile(values, 50);

/**
 * Formats values as median with range: `1.2 [1.0-1.9]`. `-` without values.
 * @param {readonly number[]} values @param {number} digits after the decimal point
 */
export function formatMedianWithRange(values, digits) {
  if (values.length === 0) return '-';
  const [low, median, high] = [Math.min(...values), computeMedian(values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return `${String(median)} [${String(low)}-${String(high)}]`;
}
