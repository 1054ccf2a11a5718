/** The longest that a timer of Node's can wait. */
const MAX_TIMER_MS = 2_147_483_647;
/** Then everything else has its turn. */
const AT_ONCE = 100;

export interface ExpiryTimer {
  /** Another one has been put in. */
  start(): void;
  stop(): void;
}

/**
 * Calls for each of many things when so long has passed for it. One timer is enough, since those that began first are
 * due first: one each would take more memory than what is kept of them.
 * @param items in the order in which they began
 * @param due takes it out, or lets it begin anew behind the others
 */
export function createExpiryTimer<Item extends { readonly since: number }>(
  items: ReadonlySet<Item>,
  afterMs: number,
  clock: () => number,
  due: (item: Item) => void,
): ExpiryTimer {
  let timer: NodeJS.Timeout | undefined;

  const wait = (ms: number) => {
    timer = setTimeout(check, Math.min(Math.max(ms, 1), MAX_TIMER_MS));
  };
  const check = () => {
    const now = clock();
    let called = 0;
    for (const item of items) {
      const left = item.since + afterMs - now;
      if (left > 0 || called === AT_ONCE) {
        wait(left);
        return;
      }
      called += 1;
      due(item);
    }
    timer = undefined;
  };

  return {
    start() {
      if (afterMs !== Infinity && !timer) wait(afterMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
