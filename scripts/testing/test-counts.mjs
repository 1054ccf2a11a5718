import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} TestCounts
 *
 * @typedef {object} VitestReport the used part of the [JSON reporter's](https://vitest.dev/guide/reporters#json-reporter)
 *   output
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly { status: string, assertionResults: readonly { status: string }[] }[]} testResults one per file
 */

/** @type {Readonly<TestCounts>} */
export const ZERO_COUNTS = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} file Vitest's report. If it is missing, because the run crashed, one test counts as failed
 * @param {number} exitCode of Vitest
 * @returns {TestCounts}
 */
export function readTestCounts(file, exitCode) {
  try {
    /** @type {unknown} */
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return countTests(/** @type {VitestReport} */ (report), exitCode);
  } catch {
    return { ...ZERO_COUNTS, failed: 1 };
  }
}

/** @param {VitestReport} report @param {number} exitCode of Vitest @returns {TestCounts} */
export function countTests(report, exitCode) {
  // A file that cannot be loaded, or whose hooks fail, may have no failed test. It counts as one.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    // An error outside of any test, such as an unhandled rejection, shows only in the exit code.
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Adds the result of `npm run check` as one more test.
 *
 * @param {TestCounts} counts
 * @param {boolean} didPass
 * @returns {TestCounts}
 */
export const addCheckResult = ({ passed, failed, skipped }, didPass) => ({
  passed: passed + (didPass ? 1 : 0),
  failed: failed + (didPass ? 0 : 1),
  skipped,
});

/** @param {TestCounts} counts @returns {string} such as `12 passed, 0 failed` */
export const formatTestCounts = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/**
 * Writes the counts as the last line of `npm test`, and to the file that TEST_COUNTS_FILE names.
 *
 * @param {TestCounts} counts
 */
export function reportTestCounts(counts) {
  const line = formatTestCounts(counts);
  console.log(line);
  const file = process.env['TEST_COUNTS_FILE'];
  if (file) writeFileSync(file, `${line}\n`);
}
