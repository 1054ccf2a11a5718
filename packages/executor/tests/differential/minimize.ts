/**
 * Makes a failing input smaller while it still fails.
 * @param getSmaller ways to make an input slightly smaller, those that remove most first
 * @param stillFails whether a smaller input still fails; an error counts as no
 * @returns an input that no longer fails if any part is removed
 */
export async function minimize<T>(
  start: T,
  getSmaller: (from: T) => readonly (() => T)[],
  stillFails: (smaller: T) => Promise<boolean>,
): Promise<T> {
  let smallest = start;
  for (;;) {
    const before = smallest;
    let attempts = getSmaller(smallest);
    for (let index = 0; index < attempts.length;) {
      const smaller = await tryAttempt(attempts[index], stillFails);
      if (smaller === undefined) index += 1;
      else {
        smallest = smaller;
        attempts = getSmaller(smallest);
      }
    }
    if (smallest === before) return smallest;
  }
}

async function tryAttempt<T>(
  attempt: (() => T) | undefined,
  stillFails: (smaller: T) => Promise<boolean>,
): Promise<T | undefined> {
  try {
    const smaller = attempt?.();
    return smaller !== undefined && (await stillFails(smaller)) ? smaller : undefined;
  } catch {
    return undefined;
  }
}
