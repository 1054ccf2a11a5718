import { expect, it } from 'vitest';
import { createReadingRateLimit } from './reading-rate-limit.js';

it('allows a burst of one full command, then the rate, and takes all readings or none', () => {
  const limit = createReadingRateLimit(600);
  expect(limit.take('ana', 1_000, 0)).toBe(0);
  expect(limit.take('ana', 1, 0)).toBe(100);
  expect(limit.take('ana', 100, 5_000)).toBe(5_000);
  expect(limit.take('ana', 50, 5_000)).toBe(0);
  expect(limit.take('ben', 1_000, 5_000)).toBe(0);
  expect(limit.take('ana', 1_000, 105_000)).toBe(0);
});

it('has a burst as large as the rate', () => {
  expect(createReadingRateLimit(5_000).take('ana', 5_000, 0)).toBe(0);
});

it('does not take readings away when the clock is set back', () => {
  const limit = createReadingRateLimit(600);
  limit.take('ana', 1_000, 60_000);
  expect(limit.take('ana', 10, 0)).toBe(1_000);
  expect(limit.take('ana', 10, 1_000)).toBe(0);
});

it('stores a bounded number of users, and forgets no user who keeps sending', () => {
  const limit = createReadingRateLimit(600, 100);
  limit.take('idle', 1_000, 0);
  limit.take('ana', 1_000, 0);
  for (let user = 0; user < 1_000; user++) {
    limit.take(`user ${user}`, 1, 0);
    expect(limit.take('ana', 1, 0)).toBe(100);
  }
  expect(limit.take('idle', 1_000, 0)).toBe(0);
});
