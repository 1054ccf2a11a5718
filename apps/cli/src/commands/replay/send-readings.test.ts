import { expect, test } from 'vitest';
import { createReplayPace } from './send-readings.js';

const at = (second: number) => new Date(second * 1_000).toISOString();

test('a speed divides the distances between readings', () => {
  let now = 500;
  const pace = createReplayPace(60, () => now);
  expect(pace.getDelayMs(at(0))).toBe(0);
  pace.begin(at(0));
  expect(pace.getDelayMs(at(120))).toBe(2_000);
  now += 1_500;
  expect(pace.getDelayMs(at(120))).toBe(500);
  now += 1_500;
  expect(pace.getDelayMs(at(120))).toBe(0);
  pace.begin(at(120));
  expect(pace.getDelayMs(at(240))).toBe(1_000);
});

test('there is no delay before the first new reading', () => {
  const pace = createReplayPace(1, () => 0);
  expect(pace.getDelayMs(at(9_999))).toBe(0);
  expect(pace.isSearchingStart).toBe(true);
  pace.begin(at(9_999));
  expect(pace.isSearchingStart).toBe(false);
});

test('speed 0 has no delays', () => {
  const pace = createReplayPace(0, () => 0);
  pace.begin(at(0));
  expect(pace.getDelayMs(at(9_999))).toBe(0);
});
