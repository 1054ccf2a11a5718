/** Node's timers cannot wait longer (24.8 days). */
const MAX_TIMER_MS = 2_147_483_647;

/** One function for all callers that have nothing to cancel. */
const nothingToCancel = () => undefined;

/**
 * Runs an action at an instant.
 * @param at in milliseconds since 1970; Infinity or undefined: never
 * @returns a function that cancels it
 */
export function scheduleAt(at: number | undefined, action: () => void): () => void {
  if (at === undefined || at === Infinity) return nothingToCancel;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const remaining = at - Date.now();
    timer =
      remaining > MAX_TIMER_MS ? setTimeout(wait, MAX_TIMER_MS) : setTimeout(action, Math.max(0, remaining));
  };
  wait();
  return () => clearTimeout(timer);
}
