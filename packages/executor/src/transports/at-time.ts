/** The longest that a timer waits, in ms: 24.8 days. */
const LONGEST = 2_147_483_647;

/** One for all who wait for nothing. */
const nothing = () => undefined;

/**
 * @param time in ms since 1970; Infinity or none: never
 * @returns what takes it back
 */
export function atTime(time: number | undefined, work: () => void): () => void {
  if (time === undefined || time === Infinity) return nothing;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = time - Date.now();
    timer = left > LONGEST ? setTimeout(wait, LONGEST) : setTimeout(work, Math.max(0, left));
  };
  wait();
  return () => clearTimeout(timer);
}
