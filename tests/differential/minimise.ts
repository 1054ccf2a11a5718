/**
 * Makes something smaller for as long as it shows a fault.
 * @param attempts ways to make it a little smaller, those that lose most first
 * @param fails whether it still shows the fault; what it throws counts as no
 * @returns what does not show the fault any more, whichever way it is made smaller
 */
export async function minimise<T>(
  start: T,
  attempts: (from: T) => readonly (() => T)[],
  fails: (smaller: T) => Promise<boolean>,
): Promise<T> {
  let smallest = start;
  for (;;) {
    const before = smallest;
    let open = attempts(smallest);
    for (let index = 0; index < open.length;) {
      const smaller = await stillFailing(open[index], fails);
      if (smaller === undefined) index += 1;
      else {
        smallest = smaller;
        open = attempts(smallest);
      }
    }
    if (smallest === before) return smallest;
  }
}

async function stillFailing<T>(
  attempt: (() => T) | undefined,
  fails: (smaller: T) => Promise<boolean>,
): Promise<T | undefined> {
  try {
    const smaller = attempt?.();
    return smaller !== undefined && (await fails(smaller)) ? smaller : undefined;
  } catch {
    return undefined;
  }
}
