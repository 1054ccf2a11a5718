/** Lets a query wait for what is still on its way into the read model. Woken by commits; nothing polls. */
export interface Arrivals {
  /** Tells that these are in the read model now. */
  announce(keys: readonly string[]): void;
  /** Counts arrivals from now on: begin before looking, so that none falls between looking and waiting. */
  expect(): Expectation;
  /** Lets all go that wait, now and from now on. */
  close(): void;
}

export interface Expectation {
  /** Resolves when all of these have arrived since the expectation began, or after `ms`. */
  arrived(keys: readonly string[], ms: number): Promise<void>;
  end(): void;
}

export function createArrivals(): Arrivals {
  const listeners = new Set<(keys: readonly string[]) => void>();
  let closed = false;
  const announce = (keys: readonly string[]) => {
    for (const listener of listeners) listener(keys);
  };

  return {
    announce,

    expect() {
      const arrived = new Set<string>();
      let check: (() => void) | undefined;
      const listener = (keys: readonly string[]) => {
        for (const key of keys) arrived.add(key);
        check?.();
      };
      listeners.add(listener);
      return {
        arrived: (keys, ms) =>
          new Promise((resolve) => {
            const timer = setTimeout(resolve, ms);
            check = () => {
              if (!closed && !keys.every((key) => arrived.has(key))) return;
              clearTimeout(timer);
              resolve();
            };
            check();
          }),
        end: () => void listeners.delete(listener),
      };
    },

    close() {
      closed = true;
      announce([]);
    },
  };
}
