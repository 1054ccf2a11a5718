import { expect, test } from 'vitest';
import { createRestartBackoff } from './supervisor.js';

test('the restart delay doubles from 0.5 s to 15 s, and starts again after a run of 30 s', () => {
  const getRestartDelay = createRestartBackoff();
  expect([0, 100, 29_999, 0, 0, 0, 0].map(getRestartDelay)).toEqual([
    500, 1000, 2000, 4000, 8000, 15_000, 15_000,
  ]);
  expect([30_000, 0].map(getRestartDelay)).toEqual([500, 1000]);
});
