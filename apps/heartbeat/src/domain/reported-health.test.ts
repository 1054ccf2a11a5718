import { describe, expect, it } from 'vitest';
import { formatCount } from './health-state.js';
import { formatDuration, formatInterval } from './format-duration.js';

describe('formatDuration', () => {
  it.each([
    [-5, '0.0 s'],
    [0, '0.0 s'],
    [4_249, '4.2 s'],
    [99_900, '99.9 s'],
    [100_000, '1 min 40 s'],
    [7_199_999, '119 min 59 s'],
    [7_200_000, '2 h 0 min'],
    [172_799_999, '47 h 59 min'],
    [172_800_000, '2 d 0 h'],
    [1_000 * 3_600_000, '41 d 16 h'],
  ])('formats %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatInterval', () => {
  it.each([
    [50, '50 ms'],
    [2_000, '2.0 s'],
    [600_000, '10 min 0 s'],
  ])('formats %i ms as %s', (ms, text) => {
    expect(formatInterval(ms)).toBe(text);
  });
});

it('formatCount separates thousands', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
});
