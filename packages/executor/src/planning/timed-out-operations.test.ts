import { expect, test } from 'vitest';
import { createTimedOutOperations } from './timed-out-operations.js';

test('an operation that took too long is planned again after five minutes: the machine may have been busy', () => {
  let nowMs = 1_000;
  const operations = createTimedOutOperations(() => nowMs);
  const key = operations.createKey({ query: '{ a }', operationName: undefined, conditionValues: {} });
  operations.add(key, 'Planning took more than 2000 ms.');
  nowMs += 299_999;
  expect(operations.get(key)).toBe('Planning took more than 2000 ms.');
  nowMs += 1;
  expect(operations.get(key)).toBeUndefined();
});
