import { expect, test } from 'vitest';
import { deriveServiceCondition } from './service-condition.js';

const well = { hindrance: undefined, setAside: { count: 0, first: undefined }, behind: 3 };

test('a beat tells how many log entries are still to be projected', () => {
  expect(deriveServiceCondition(well)).toEqual({
    error: undefined,
    lag: { entries: 3, what: 'log entries behind' },
  });
  expect(deriveServiceCondition({ ...well, behind: undefined }).lag).toBeUndefined();
});

test('a beat tells what is set aside and what is in the way', () => {
  const setAside = { count: 2, first: 17 };
  expect(deriveServiceCondition({ ...well, setAside }).error).toBe(
    '2 log entries set aside, first at position 17',
  );
  expect(
    deriveServiceCondition({ ...well, setAside, hindrance: { kind: 'blocked', reason: 'another log' } })
      .error,
  ).toBe('another log; 2 log entries set aside, first at position 17');
  expect(deriveServiceCondition({ ...well, setAside: { count: 1, first: 1 } }).error).toContain(
    '1 log entry set aside',
  );
});
