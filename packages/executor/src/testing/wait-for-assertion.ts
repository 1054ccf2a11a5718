import { vi } from 'vitest';

/** Many times what a quiet machine needs. Vitest alone waits for a second, which a busy machine exceeds. */
const TIMEOUT_MS = 30_000;

/**
 * Resolves when an assertion holds.
 * @throws the last error of the assertion, if it does not hold within 30 s
 */
export const waitForAssertion = <Result>(assertion: () => Result | Promise<Result>): Promise<Result> =>
  vi.waitFor(assertion, TIMEOUT_MS);
