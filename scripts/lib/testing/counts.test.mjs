import { expect, test } from 'vitest';
import { addCheck, countReport, countsLine, readCounts } from './counts.mjs';

/** @param {Partial<import('./counts.mjs').Report>} parts */
const report = (parts) => ({
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

test('tests are counted as vitest reports them', () => {
  expect(countReport(report({ numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 }), 1)).toEqual({
    passed: 5,
    failed: 2,
    skipped: 4,
  });
});

test('a file that fails without a failed test counts as one', () => {
  expect(countReport(report({ testResults: [failedFile(), failedFile('passed')] }), 1).failed).toBe(2);
  expect(countReport(report({ numFailedTests: 1, testResults: [failedFile('failed')] }), 1).failed).toBe(1);
});

test('a run that fails with no failure reported counts as one', () => {
  expect(countReport(report({}), 1).failed).toBe(1);
  expect(countReport(report({}), 0).failed).toBe(0);
});

test('a run that left no report counts as a failure, whatever its exit code', () => {
  expect(readCounts('/nowhere/report.json', 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the checks count as one test', () => {
  const counts = { passed: 5, failed: 0, skipped: 0 };
  expect(addCheck(counts, true)).toEqual({ passed: 6, failed: 0, skipped: 0 });
  expect(addCheck(counts, false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
});

test('the line names what was skipped only where something was', () => {
  expect(countsLine({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
  expect(countsLine({ passed: 7, failed: 1, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped');
});
