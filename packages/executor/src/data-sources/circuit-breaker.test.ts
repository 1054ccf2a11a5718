import { expect, test } from 'vitest';
import { createCircuitBreaker, type CircuitBreaker, type RequestOutcome } from './circuit-breaker.js';

const OPTIONS = { requests: 4, failureRate: 0.5, memoryMs: 100, openMs: 50 };

function setUp() {
  let now = 0;
  const breaker = createCircuitBreaker({ ...OPTIONS, now: () => now });
  return { breaker, advance: (ms: number) => (now += ms) };
}

const recordOutcomes = (breaker: CircuitBreaker, ...outcomes: RequestOutcome[]) => {
  for (const outcome of outcomes) breaker.enter()?.(outcome);
};

test('opens when enough of the latest requests failed, whatever came before', () => {
  const { breaker } = setUp();
  recordOutcomes(breaker, ...Array.from({ length: 100 }, () => 'succeeded' as const), 'failed');
  expect(breaker.state).toBe('closed');
  recordOutcomes(breaker, 'failed');
  expect(breaker.state).toBe('open');
  expect(breaker.enter()).toBeUndefined();
});

test('stays closed after fewer failures, old failures and undefined outcomes', () => {
  const { breaker, advance } = setUp();
  recordOutcomes(breaker, 'failed', 'succeeded', 'succeeded', 'succeeded', 'failed');
  advance(101);
  recordOutcomes(breaker, 'failed', 'failed', 'failed');
  advance(101);
  recordOutcomes(breaker, 'failed', undefined, undefined, undefined);
  expect(breaker.state).toBe('closed');
});

test('after openMs one trial request decides whether it opens or closes', () => {
  const { breaker, advance } = setUp();
  recordOutcomes(breaker, 'failed', 'failed', 'failed', 'failed');
  advance(49);
  expect(breaker.enter()).toBeUndefined();
  advance(1);
  const trial = breaker.enter();
  expect([breaker.state, breaker.enter()]).toEqual(['half-open', undefined]);
  trial?.('failed');
  expect([breaker.state, breaker.enter()]).toEqual(['open', undefined]);
  advance(50);
  recordOutcomes(breaker, undefined);
  expect(breaker.state).toBe('half-open');
  recordOutcomes(breaker, 'succeeded');
  expect(breaker.state).toBe('closed');
});

test('ignores requests that started before it opened', () => {
  const { breaker, advance } = setUp();
  const late = breaker.enter();
  recordOutcomes(breaker, 'failed', 'failed', 'failed', 'failed');
  advance(50);
  const trial = breaker.enter();
  late?.('succeeded');
  expect(breaker.state).toBe('half-open');
  trial?.('succeeded');
  expect(breaker.state).toBe('closed');
});

test('closes at once when the service has restarted', () => {
  const { breaker } = setUp();
  recordOutcomes(breaker, 'failed', 'failed', 'failed', 'failed');
  expect(breaker.state).toBe('open');
  breaker.reset();
  recordOutcomes(breaker, 'failed', 'failed', 'failed');
  expect(breaker.state).toBe('closed');
});
