import { expect, test } from 'vitest';
import { addCheckResult, countTests, formatTestCounts, readTestCounts } from './test-counts.mjs';

/** @param {Partial<import('./test-counts.mjs').VitestReport>} parts */
const createReport = (parts) => ({
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...parts,
});
const failedFile = (/** @type {string[]} */ ...statuses) => ({
  status: 'failed',
  assertionResults: statuses.map((status) => ({ status })),
});

test('counts the tests of the report', () => {
  expect(countTests(createReport({ numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 }), 1)).toEqual({
    passed: 5,
    failed: 2,
    skipped: 4,
  });
});

test('a failed file without a failed test counts as one failure', () => {
  expect(countTests(createReport({ testResults: [failedFile(), failedFile('passed')] }), 1).failed).toBe(2);
  expect(countTests(createReport({ numFailedTests: 1, testResults: [failedFile('failed')] }), 1).failed).toBe(
    1,
  );
});

test('a failed run without a reported failure counts as one failure', () => {
  expect(countTests(createReport({}), 1).failed).toBe(1);
  expect(countTests(createReport({}), 0).failed).toBe(0);
});

test('a missing report counts as one failure, whatever the exit code', () => {
  expect(readTestCounts('/nowhere/report.json', 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the checks count as one test', () => {
  const counts = { passed: 5, failed: 0, skipped: 0 };
  expect(addCheckResult(counts, true)).toEqual({ passed: 6, failed: 0, skipped: 0 });
  expect(addCheckResult(counts, false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
});

test('the line mentions skipped tests only if there are any', () => {
  expect(formatTestCounts({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
  expect(formatTestCounts({ passed: 7, failed: 1, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped');
});
