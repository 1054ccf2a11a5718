import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 5;
/** Many times what a quiet machine needs. */
const TIMEOUT_MS = 30_000;

/**
 * Resolves when a condition holds.
 * @throws Error if it does not hold within the time limit
 */
export async function waitUntil(condition: () => boolean, timeoutMs = TIMEOUT_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${condition.toString()}`);
    await delay(POLL_INTERVAL_MS);
  }
}
