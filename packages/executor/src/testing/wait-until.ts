import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when it holds. */
export async function waitUntil(holds: () => boolean, timeoutMs = 5_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${holds.toString()}`);
    await delay(5);
  }
}
