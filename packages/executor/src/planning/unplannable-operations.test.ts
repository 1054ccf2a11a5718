import { expect, test } from 'vitest';
import { createUnplannableOperations } from './unplannable-operations.js';

test('an operation that took too long is planned again after five minutes: the machine may have been busy', () => {
  let nowMs = 1_000;
  const operations = createUnplannableOperations(() => nowMs);
  const job = { query: '{ a }', operationName: undefined, conditionValues: {} };
  const result = { kind: 'tooComplex', message: 'Planning took more than 2000 ms.' } as const;
  expect(operations.get(job)).toBeUndefined();
  operations.add(job, result);
  nowMs += 299_999;
  expect(operations.get(job)).toEqual(result);
  expect(operations.get({ ...job, query: '{ b }' })).toBeUndefined();
  nowMs += 1;
  expect(operations.get(job)).toBeUndefined();
});
