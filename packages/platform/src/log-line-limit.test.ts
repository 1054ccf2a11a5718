import { expect, test } from 'vitest';
import { createLineLimit } from './log-line-limit.js';

test('a minute has a limited number of lines; the next line tells how many were left out', () => {
  let nowMs = 0;
  const limit = createLineLimit(2, () => nowMs);
  expect([1, 2, 3, 4].map(() => limit.takeLine())).toStrictEqual([0, 0, undefined, undefined]);
  nowMs = 60_000;
  expect([1, 2, 3].map(() => limit.takeLine())).toStrictEqual([2, 0, undefined]);
});
