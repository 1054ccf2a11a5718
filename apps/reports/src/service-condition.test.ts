import { expect, test } from 'vitest';
import { deriveServiceCondition } from './service-condition.js';

const HEALTHY = {
  rebuild: undefined,
  problem: undefined,
  setAside: { count: 0, first: undefined },
  lagEntries: 3,
};

test('the condition reports the lag in log entries', () => {
  expect(deriveServiceCondition(HEALTHY)).toEqual({
    error: undefined,
    lag: { entries: 3, what: 'log entries behind' },
  });
  expect(deriveServiceCondition({ ...HEALTHY, lagEntries: undefined }).lag).toBeUndefined();
});

test('the condition reports entries that are set aside and why the projector is stopped', () => {
  const setAside = { count: 2, first: 17 };
  expect(deriveServiceCondition({ ...HEALTHY, setAside }).error).toBe(
    '2 log entries set aside, first at position 17',
  );
  expect(
    deriveServiceCondition({ ...HEALTHY, setAside, problem: { kind: 'blocked', reason: 'another log' } })
      .error,
  ).toBe('another log; 2 log entries set aside, first at position 17');
  expect(deriveServiceCondition({ ...HEALTHY, setAside: { count: 1, first: 1 } }).error).toContain(
    '1 log entry set aside',
  );
});

test('the condition reports a rebuild before other problems', () => {
  const problem = { kind: 'waiting', reason: 'projector failed' } as const;
  expect(deriveServiceCondition({ ...HEALTHY, rebuild: 'built again: 45 %', problem }).error).toBe(
    'built again: 45 %; projector failed',
  );
});
