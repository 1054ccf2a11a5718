import { expect, test } from 'vitest';
import { createCircuitBreaker, type CircuitBreaker } from './circuit-breaker.js';

const OPTIONS = { requests: 4, failureRate: 0.5, memoryMs: 100, openMs: 50 };

function setUp() {
  let now = 0;
  const breaker = createCircuitBreaker({ ...OPTIONS, now: () => now });
  return { breaker, wait: (ms: number) => (now += ms) };
}

const end = (breaker: CircuitBreaker, ...how: ('well' | 'failed' | undefined)[]) => {
  for (const each of how) breaker.enter()?.(each);
};

test('opens when enough of the last requests have failed, however many went well before', () => {
  const { breaker } = setUp();
  end(breaker, ...Array.from({ length: 100 }, () => 'well' as const), 'failed');
  expect(breaker.state).toBe('closed');
  end(breaker, 'failed');
  expect(breaker.state).toBe('open');
  expect(breaker.enter()).toBeUndefined();
});

test('stays closed where fewer have failed, where that was long ago, or where nothing is said', () => {
  const { breaker, wait } = setUp();
  end(breaker, 'failed', 'well', 'well', 'well', 'failed');
  wait(101);
  end(breaker, 'failed', 'failed', 'failed');
  wait(101);
  end(breaker, 'failed', undefined, undefined, undefined);
  expect(breaker.state).toBe('closed');
});

test('lets one through when it was open for a while, and goes by that one', () => {
  const { breaker, wait } = setUp();
  end(breaker, 'failed', 'failed', 'failed', 'failed');
  wait(49);
  expect(breaker.enter()).toBeUndefined();
  wait(1);
  const trial = breaker.enter();
  expect([breaker.state, breaker.enter()]).toEqual(['half-open', undefined]);
  trial?.('failed');
  expect([breaker.state, breaker.enter()]).toEqual(['open', undefined]);
  wait(50);
  end(breaker, undefined);
  expect(breaker.state).toBe('half-open');
  end(breaker, 'well');
  expect(breaker.state).toBe('closed');
});

test('is not swayed by requests that began before it changed', () => {
  const { breaker, wait } = setUp();
  const late = breaker.enter();
  end(breaker, 'failed', 'failed', 'failed', 'failed');
  wait(50);
  const trial = breaker.enter();
  late?.('well');
  expect(breaker.state).toBe('half-open');
  trial?.('well');
  expect(breaker.state).toBe('closed');
});
