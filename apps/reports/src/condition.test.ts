import { expect, test } from 'vitest';
import { conditionOf } from './condition.js';

const well = { hindrance: undefined, setAside: { count: 0, first: undefined }, behind: 3 };

test('a beat tells how many log entries are still to be projected', () => {
  expect(conditionOf(well)).toEqual({ error: undefined, lag: { entries: 3, what: 'log entries behind' } });
  expect(conditionOf({ ...well, behind: undefined }).lag).toBeUndefined();
});

test('a beat tells what is set aside and what is in the way', () => {
  const setAside = { count: 2, first: 17 };
  expect(conditionOf({ ...well, setAside }).error).toBe('2 log entries set aside, first at position 17');
  expect(
    conditionOf({ ...well, setAside, hindrance: { kind: 'blocked', reason: 'another log' } }).error,
  ).toBe('another log; 2 log entries set aside, first at position 17');
  expect(conditionOf({ ...well, setAside: { count: 1, first: 1 } }).error).toContain('1 log entry set aside');
});
