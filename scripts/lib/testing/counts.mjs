import { readFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts of tests
 *
 * @typedef {object} Report of vitest's json reporter, as far as it is read here
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly { status: string, assertionResults: readonly { status: string }[] }[]} testResults a file each
 */

/** @type {Readonly<Counts>} */
export const noCounts = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} file vitest's report; a run that crashed may have left none
 * @param {number} code vitest's exit code
 * @returns {Counts}
 */
export function readCounts(file, code) {
  try {
    /** @type {unknown} */
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return countReport(/** @type {Report} */ (report), code);
  } catch {
    return { ...noCounts, failed: 1 };
  }
}

/** @param {Report} report @param {number} code @returns {Counts} */
export function countReport(report, code) {
  // A file that cannot be loaded, or whose hooks fail, has no failed test of its own to show for it.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    // Also what fails outside of any test, such as an error that nobody handles.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @param {Counts} counts @param {boolean} passed @returns {Counts} with the checks (types, lint, ...) as one test more */
export const addCheck = ({ passed: tests, failed, skipped }, passed) => ({
  passed: tests + (passed ? 1 : 0),
  failed: failed + (passed ? 0 : 1),
  skipped,
});

/** @param {Counts} counts */
export const countsLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
