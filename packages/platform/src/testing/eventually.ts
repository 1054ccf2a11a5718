/** How often a state is asked that tells nobody when it changes. */
const ASK_EVERY_MS = 10;

/**
 * Waits for a state of something that sends no event, such as a row in a database or a key in Redis. Where there is an
 * event, await that instead.
 * @param assertion throws while the state is not there
 */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs = 10_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}
