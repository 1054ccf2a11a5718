import { expect, test } from 'vitest';
import { DurationHistogram, measureDuration } from './duration-histogram.js';

test('a duration counts in the first bucket whose bound it does not exceed', () => {
  const durations = new DurationHistogram([0.001, 0.01]);
  for (const durationMs of [0, 1, 1.5, 10, 10.5, 60_000]) durations.addMs(durationMs);
  expect(durations.bucketCounts).toStrictEqual([2, 2, 2]);
  expect(durations.sumSeconds).toBeCloseTo(60.023);
});

test('work that throws is measured', () => {
  const durations = new DurationHistogram();
  const fail = () => {
    throw new Error('disk full');
  };
  expect(() => measureDuration(durations, fail)).toThrow('disk full');
  expect(measureDuration(durations, () => 7)).toBe(7);
  expect(durations.bucketCounts.reduce((sum, count) => sum + count)).toBe(2);
});
