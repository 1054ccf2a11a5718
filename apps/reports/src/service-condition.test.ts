import { expect, test } from 'vitest';
import { deriveServiceCondition, type ProjectionStatus } from './service-condition.js';

const HEALTHY: ProjectionStatus = {
  rebuild: undefined,
  position: 20,
  lag: { entries: 3, seconds: 1, stalledSeconds: 1 },
  problem: undefined,
  streamProblem: undefined,
  setAside: { count: 0, first: undefined },
};

test('the condition reports the lag in log entries and seconds', () => {
  expect(deriveServiceCondition(HEALTHY)).toEqual({
    error: undefined,
    lag: { entries: 3, seconds: 1, what: 'log entries behind' },
  });
  expect(deriveServiceCondition({ ...HEALTHY, lag: undefined }).lag).toBeUndefined();
});

test('the condition reports which position waits, since when and why', () => {
  const waiting = /^log position 21 waits to be projected since 2\d{3}-\S+Z: /;
  const problem = { kind: 'blocked', reason: 'another log' } as const;
  const { error } = deriveServiceCondition({ ...HEALTHY, problem });
  expect(error).toMatch(waiting);
  expect(error).toMatch(/: another log$/);
  const stalled = { entries: 3, seconds: 9, stalledSeconds: 9 };
  expect(deriveServiceCondition({ ...HEALTHY, lag: stalled }).error).toMatch(waiting);
});

test('the condition reports entries that are set aside and why the projector is stopped', () => {
  const setAside = { count: 2, first: 17 };
  const caughtUp = { ...HEALTHY, lag: undefined };
  expect(deriveServiceCondition({ ...caughtUp, setAside }).error).toBe(
    '2 log entries set aside, first at position 17 (npm run dead-letters)',
  );
  expect(
    deriveServiceCondition({ ...caughtUp, setAside, problem: { kind: 'blocked', reason: 'another log' } })
      .error,
  ).toBe('another log; 2 log entries set aside, first at position 17 (npm run dead-letters)');
  expect(deriveServiceCondition({ ...HEALTHY, setAside: { count: 1, first: 1 } }).error).toContain(
    '1 log entry set aside',
  );
});

test('the condition reports a stream that cannot be read, although the log is read instead', () => {
  expect(deriveServiceCondition({ ...HEALTHY, streamProblem: 'NOPERM' }).error).toBe(
    'the Redis stream cannot be read: NOPERM',
  );
});

test('the condition reports a rebuild before other problems', () => {
  const problem = { kind: 'waiting', reason: 'projector failed' } as const;
  expect(
    deriveServiceCondition({ ...HEALTHY, lag: undefined, rebuild: 'built again: 45 %', problem }).error,
  ).toBe('built again: 45 %; projector failed');
});
