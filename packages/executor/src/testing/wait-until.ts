import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 5;

/**
 * Resolves when a condition holds.
 * @throws Error if it does not hold within the time limit
 */
export async function waitUntil(condition: () => boolean, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${condition.toString()}`);
    await delay(POLL_INTERVAL_MS);
  }
}
