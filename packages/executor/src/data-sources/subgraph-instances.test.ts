import { expect, test } from 'vitest';
import type { InstanceState } from './instance-health.js';
import { combineCircuitBreakerStates, createInstanceSelector } from './subgraph-instances.js';

const createInstance = (
  name: string,
  runningCount = 0,
  state: InstanceState = 'available',
  mayEnter = true,
) => ({
  name,
  runningCount,
  subscriptionCount: 0,
  state,
  circuitBreaker: { mayEnter },
});
type Instance = ReturnType<typeof createInstance>;

const select = (instances: [Instance, ...Instance[]], tried: readonly Instance[] = []) => {
  const selectInstance = createInstanceSelector(instances, ({ runningCount }) => runningCount);
  return instances.map(() => selectInstance(new Set(tried)).name);
};

test('instances with the same load take turns', () => {
  expect(select([createInstance('a'), createInstance('b'), createInstance('c')]).sort()).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('the instance with the least running requests is chosen', () => {
  expect(select([createInstance('a', 2), createInstance('b', 1)])).toEqual(['b', 'b']);
});

test.each([
  ['not ready', createInstance('bad', 0, 'not-ready')],
  ['silent', createInstance('bad', 0, 'silent')],
  ['refused', createInstance('bad', 0, 'refused')],
  ['failing too often', createInstance('bad', 0, 'available', false)],
])('an instance that is %s is chosen only if there is no other', (_, bad) => {
  const good = createInstance('good', 50);
  expect(select([bad, good])).toEqual(['good', 'good']);
  expect(select([bad, good], [good])).toEqual(['bad', 'bad']);
});

test('an instance that has failed the request is chosen last', () => {
  const [a, b] = [createInstance('a'), createInstance('b', 9, 'refused')];
  expect(select([a, b], [a])).toEqual(['b', 'b']);
  expect(select([a, b], [a, b])).toEqual(['a', 'a']);
});

test('the circuit breaker of a subgraph is closed if that of an instance is', () => {
  expect(combineCircuitBreakerStates(['open', 'closed', 'half-open'])).toBe('closed');
  expect(combineCircuitBreakerStates(['open', 'half-open'])).toBe('half-open');
  expect(combineCircuitBreakerStates(['open', 'open'])).toBe('open');
});
