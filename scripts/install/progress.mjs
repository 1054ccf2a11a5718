/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;

/**
 * Logs a line at an interval while some work runs: the elapsed time and what the work has done.
 *
 * @template T
 * @param {object} options
 * @param {(line: string) => void} options.log
 * @param {(elapsedSeconds: number) => string} options.describe what is done, and an estimate of what is left
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function logProgress({ log, describe }, work) {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const elapsedSeconds = Math.round((performance.now() - startedAt) / 1000);
    log(`  ${elapsedSeconds} s: ${describe(elapsedSeconds)}`);
  }, PROGRESS_INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
