import { expect, test } from 'vitest';
import { createTimedOutOperations } from './timed-out-operations.js';

test('an operation that took too long is planned again after five minutes: the machine may have been busy', () => {
  let nowMs = 1_000;
  const operations = createTimedOutOperations(() => nowMs);
  const job = { query: '{ a }', operationName: undefined, conditionValues: {} };
  expect(operations.get(job)).toBeUndefined();
  operations.add(job, 'Planning took more than 2000 ms.');
  nowMs += 299_999;
  expect(operations.get(job)).toBe('Planning took more than 2000 ms.');
  expect(operations.get({ ...job, query: '{ b }' })).toBeUndefined();
  nowMs += 1;
  expect(operations.get(job)).toBeUndefined();
});
