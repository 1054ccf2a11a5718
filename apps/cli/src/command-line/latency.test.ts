import { expect, test } from 'vitest';
import { formatMilliseconds, getPercentile } from './latency.js';

const HUNDRED = Array.from({ length: 100 }, (_, index) => index + 1);

test('a percentile is the value that this share of the values does not exceed', () => {
  expect([0, 50, 99, 100].map((p) => getPercentile(HUNDRED, p))).toEqual([1, 50, 99, 100]);
  expect([50, 99].map((p) => getPercentile([7], p))).toEqual([7, 7]);
  expect(getPercentile([1, 2, 3], 50)).toBe(2);
});

test('milliseconds have one decimal below 100', () => {
  expect([3.21, 99.96, 1204.4].map(formatMilliseconds)).toEqual(['3.2 ms', '100.0 ms', '1,204 ms']);
});
