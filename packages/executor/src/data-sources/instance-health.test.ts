import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { InstanceCheckResult } from './instance-check.js';
import { createInstanceHealth, type InstanceHealth } from './instance-health.js';

let result: InstanceCheckResult;
let checkCount: number;
let health: InstanceHealth;
const states: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  result = 'available';
  checkCount = 0;
  states.length = 0;
});
afterEach(() => {
  health.close();
  vi.useRealTimers();
});

const create = (intervalMs?: number) => {
  health = createInstanceHealth({
    check: () => {
      checkCount += 1;
      return Promise.resolve(result);
    },
    intervalMs,
    onChange: (state) => void states.push(state),
  });
};

test('an available instance is checked at the interval, another one more often', async () => {
  create(1_000);
  await vi.advanceTimersByTimeAsync(3_500);
  expect([checkCount, states]).toEqual([4, []]);
  result = 'silent';
  await vi.advanceTimersByTimeAsync(500);
  expect(health.state).toBe('silent');
  checkCount = 0;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(checkCount).toBe(5);
  result = 'available';
  await vi.advanceTimersByTimeAsync(250);
  expect(states).toEqual(['silent', 'available']);
});

test('after a failed connection an instance gets no requests until a check succeeds', async () => {
  create();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(checkCount).toBe(0);
  result = 'refused';
  health.reportFailedConnection();
  expect(health.state).toBe('refused');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(health.state).toBe('refused');
  result = 'available';
  await vi.advanceTimersByTimeAsync(250);
  expect(health.state).toBe('available');
  checkCount = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(checkCount).toBe(0);
});

test('many failures lead to one check at a time', async () => {
  create();
  result = 'refused';
  for (let count = 0; count < 100; count++) health.reportFailedConnection();
  await vi.advanceTimersByTimeAsync(0);
  for (let count = 0; count < 100; count++) health.reportFailedConnection();
  expect(checkCount).toBe(1);
});

test('a failure during a check counts, although the check succeeds', async () => {
  let endCheck: (checked: InstanceCheckResult) => void = () => undefined;
  health = createInstanceHealth({
    check: () => new Promise((resolve) => (endCheck = resolve)),
    onChange: (state) => void states.push(state),
  });
  health.reportFailedConnection();
  await vi.advanceTimersByTimeAsync(0);
  health.reportFailedConnection();
  endCheck('available');
  await vi.advanceTimersByTimeAsync(0);
  expect(health.state).toBe('refused');
  endCheck('available');
  await vi.advanceTimersByTimeAsync(0);
  expect(health.state).toBe('available');
});

test('after close, nothing is checked', async () => {
  create(100);
  await vi.advanceTimersByTimeAsync(0);
  health.close();
  health.reportFailedConnection();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([checkCount, health.state]).toEqual([1, 'available']);
});
