import { expect, test } from 'vitest';
import { percentile } from './percentile.mjs';

const HUNDRED = Array.from({ length: 100 }, (_, index) => index + 1);

test('is the value that so many per cent do not exceed', () => {
  expect([0, 50, 99, 100].map((p) => percentile(HUNDRED, p))).toEqual([1, 50, 99, 100]);
  expect([50, 99].map((p) => percentile([7], p))).toEqual([7, 7]);
  expect(percentile([1, 2, 3], 50)).toBe(2);
});
