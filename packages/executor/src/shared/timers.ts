/** The longest delay that a Node.js timer accepts: 24.8 days. */
const MAX_TIMER_DELAY_MS = 2_147_483_647;
/** Expired items per timer tick; the event loop runs other work between ticks. */
const MAX_ITEMS_PER_TICK = 100;

/** Expires items that have reached a maximum age, see {@link createExpiryTimer}. */
export interface ExpiryTimer {
  /** Call after an item was added. */
  start(): void;
  stop(): void;
}

/**
 * Calls `onExpired` for each item that has reached an age. All items share one Node.js timer, because a timer per item
 * would take more memory than the item itself.
 * @param items ordered by `since`, oldest first
 * @param maxAgeMs age at which an item expires; `Infinity` means never
 * @param clock the monotonic clock, in milliseconds, that `since` is read from
 * @param onExpired removes the item from `items`, or moves it to the end with a new `since`
 */
export function createExpiryTimer<Item extends { readonly since: number }>(
  items: ReadonlySet<Item>,
  maxAgeMs: number,
  clock: () => number,
  onExpired: (item: Item) => void,
): ExpiryTimer {
  let timer: NodeJS.Timeout | undefined;

  const schedule = (delayMs: number) => {
    timer = setTimeout(expireItems, Math.min(Math.max(delayMs, 1), MAX_TIMER_DELAY_MS));
  };
  const expireItems = () => {
    const now = clock();
    let expiredCount = 0;
    for (const item of items) {
      const remainingMs = item.since + maxAgeMs - now;
      if (remainingMs > 0 || expiredCount === MAX_ITEMS_PER_TICK) {
        schedule(remainingMs);
        return;
      }
      expiredCount += 1;
      onExpired(item);
    }
    timer = undefined;
  };

  return {
    start() {
      if (maxAgeMs !== Infinity && !timer) schedule(maxAgeMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

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
      remaining > MAX_TIMER_DELAY_MS
        ? setTimeout(wait, MAX_TIMER_DELAY_MS)
        : setTimeout(action, Math.max(0, remaining));
  };
  wait();
  return () => clearTimeout(timer);
}
