import { expect, test } from 'vitest';
import { readDependents } from './dependents.mjs';

test('every app is made of contracts, some through other packages only', () => {
  const { contracts, executor } = readDependents();
  expect(contracts?.toSorted()).toEqual(['gateway', 'heartbeat', 'monitoring', 'reports']);
  expect(executor).toEqual(['gateway']);
});
