import { expect, test } from 'vitest';
import { createPace } from './pace.mjs';

const at = (/** @type {number} */ second) => new Date(second * 1_000).toISOString();

test('at a speed readings are as far apart as they were, divided by it', () => {
  let now = 500;
  const pace = createPace(60, () => now);
  expect(pace.waitMs(at(0))).toBe(0);
  pace.begin(at(0));
  expect(pace.waitMs(at(120))).toBe(2_000);
  now += 1_500;
  expect(pace.waitMs(at(120))).toBe(500);
  now += 1_500;
  expect(pace.waitMs(at(120))).toBe(0);
  pace.begin(at(120));
  expect(pace.waitMs(at(240))).toBe(1_000);
});

test('what was recorded before takes no time', () => {
  const pace = createPace(1, () => 0);
  expect(pace.waitMs(at(9_999))).toBe(0);
  expect(pace.rowByRow).toBe(true);
  pace.begin(at(9_999));
  expect(pace.rowByRow).toBe(false);
});

test('at speed 0 nothing waits', () => {
  const pace = createPace(0, () => 0);
  pace.begin(at(0));
  expect(pace.waitMs(at(9_999))).toBe(0);
});
