import DataLoader from 'dataloader';

/** Finds values by key. A key without a value is absent from the map. */
export type FindValuesByKeys<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

/** Batches and caches lookups by key for one request. Keys without a value resolve to null. */
export const createKeyLoader = <Value>(find: FindValuesByKeys<Value>) =>
  new DataLoader<string, Value | null>(async (keys) => {
    const found = await find(keys);
    return keys.map((key) => found.get(key) ?? null);
  });

/**
 * Batches and caches lookups of entities that other subgraphs refer to.
 * Another subgraph can know an entity before its event is projected here. Missing entities are awaited for `waitMs` at
 * most, in total for a batch; then they resolve to null.
 */
export const createEntityLoader = <Value>(
  find: FindValuesByKeys<Value>,
  arrivals: EntityArrivals,
  waitMs: number,
) => createKeyLoader((keys) => findOrAwait(keys, find, arrivals, waitMs));

/** Finds values, waits for the missing ones, and looks for these once more. Runs `find` twice at most. */
export async function findOrAwait<Value>(
  keys: readonly string[],
  find: FindValuesByKeys<Value>,
  arrivals: EntityArrivals,
  waitMs: number,
): Promise<ReadonlyMap<string, Value>> {
  // The watch starts before the first lookup: an entity that arrives during the lookup is not missed.
  const watch = arrivals.startWatch();
  try {
    const found = await find(keys);
    const missing = keys.filter((key) => !found.has(key));
    if (missing.length === 0) return found;
    await watch.waitFor(missing, waitMs);
    return new Map([...found, ...(await find(missing))]);
  } finally {
    watch.stop();
  }
}

/** Announces the entities that each commit writes, so that requests can wait for them without polling. */
export interface EntityArrivals {
  /** Reports the keys of entities that can be read now. */
  announce(keys: readonly string[]): void;
  /** Starts to collect announced keys. */
  startWatch(): ArrivalWatch;
  /** Ends all waits, also those that start later. */
  close(): void;
}

/** Remembers the keys that are announced from its start until `stop`. */
export interface ArrivalWatch {
  /** Resolves when all keys have been announced since the watch started, or after `ms`. */
  waitFor(keys: readonly string[], ms: number): Promise<void>;
  stop(): void;
}

/** Creates the arrivals of one kind of entity. */
export function createEntityArrivals(): EntityArrivals {
  const listeners = new Set<(keys: readonly string[]) => void>();
  let closed = false;
  const announce = (keys: readonly string[]) => {
    for (const listener of listeners) listener(keys);
  };

  return {
    announce,

    startWatch() {
      const arrived = new Set<string>();
      let check: (() => void) | undefined;
      const listener = (keys: readonly string[]) => {
        for (const key of keys) arrived.add(key);
        check?.();
      };
      listeners.add(listener);
      return {
        waitFor: (keys, ms) =>
          new Promise((resolve) => {
            const timer = setTimeout(resolve, ms);
            check = () => {
              if (!closed && !keys.every((key) => arrived.has(key))) return;
              clearTimeout(timer);
              resolve();
            };
            check();
          }),
        stop: () => void listeners.delete(listener),
      };
    },

    close() {
      closed = true;
      announce([]);
    },
  };
}
