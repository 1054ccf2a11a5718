import type { Arrivals } from './arrivals.js';

type Read<T> = (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;

/**
 * Reads, and reads what was missing once more when it has arrived, or after a bounded wait. Two statements at most,
 * however many keys.
 * @param waitMs together, not each
 */
export async function readOrWait<T>(
  keys: readonly string[],
  read: Read<T>,
  arrivals: Arrivals,
  waitMs: number,
): Promise<ReadonlyMap<string, T>> {
  const expectation = arrivals.expect();
  try {
    const found = await read(keys);
    const missing = keys.filter((key) => !found.has(key));
    if (missing.length === 0) return found;
    await expectation.arrived(missing, waitMs);
    return new Map([...found, ...(await read(missing))]);
  } finally {
    expectation.end();
  }
}
