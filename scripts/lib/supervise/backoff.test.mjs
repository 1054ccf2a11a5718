import { expect, test } from 'vitest';
import { createBackoff } from './backoff.mjs';

test('doubles from half a second to a quarter of a minute, and begins anew after 30 s without a fault', () => {
  const backoff = createBackoff();
  expect([0, 100, 29_999, 0, 0, 0, 0].map(backoff)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  expect([30_000, 0].map(backoff)).toEqual([500, 1000]);
});
