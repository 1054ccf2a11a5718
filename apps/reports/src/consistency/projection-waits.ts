import type { ConsistencyToken } from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import type { RequestCaller } from '../access/caller-access.js';
import type { RequestBudget } from '../access/request-budget.js';
import { getKnownUserIds, type ReadModelCheckpoint, type ReadModelRecords } from '../domain/read-model.js';

/*
 * Requests wait for data that is not projected yet: a request with a consistency token for a position of the log, and a
 * reference from another subgraph for its entity. Commits wake them; nothing polls.
 */

/** The waits of all requests for the projection. */
export interface ProjectionWaits {
  readonly checkpointWaiter: CheckpointWaiter;
  readonly arrivals: {
    readonly rules: EntityArrivals;
    readonly alarms: EntityArrivals;
    readonly users: EntityArrivals;
    readonly calendars: EntityArrivals;
  };
  /** Wakes the requests that wait for what a commit has written. Call it after each commit. */
  readonly announceCommit: (records: ReadModelRecords) => void;
  /** Ends all waits, also those that start later. */
  close(): void;
}

/** @param getCheckpoint returns the checkpoint of the last commit */
export function createProjectionWaits(getCheckpoint: () => ReadModelCheckpoint): ProjectionWaits {
  const checkpointWaiter = createCheckpointWaiter(getCheckpoint);
  const arrivals = {
    rules: createEntityArrivals(),
    alarms: createEntityArrivals(),
    users: createEntityArrivals(),
    calendars: createEntityArrivals(),
  };
  return {
    checkpointWaiter,
    arrivals,
    announceCommit(records) {
      const { rules, alarms, calendars } = records;
      checkpointWaiter.notify();
      arrivals.rules.announce(rules.map(({ state }) => state.id));
      arrivals.alarms.announce(alarms.map(({ state }) => state.id));
      arrivals.users.announce([...getKnownUserIds(records)]);
      arrivals.calendars.announce(calendars.map(({ state }) => state.id));
    },
    close() {
      checkpointWaiter.close();
      for (const kind of Object.values(arrivals)) kind.close();
    },
  };
}

/** Requests that demanded a position: it was reached at once, after a wait, or not in time. */
export interface CheckpointWaitCounts {
  readonly current: number;
  readonly reached: number;
  readonly timeout: number;
}

/** Lets requests wait until the read model has processed the log up to a position. */
export interface CheckpointWaiter {
  readonly counts: CheckpointWaitCounts;
  /** Checks all waits again. Call it after each commit. */
  notify(): void;
  /**
   * Resolves to whether the read model has reached a position of a log, after `ms` at the latest.
   * Does not wait for a position of a log that the read model does not follow.
   */
  waitUntilReached(target: Pick<ConsistencyToken, 'logId' | 'position'>, ms: number): Promise<boolean>;
  /** Ends all waits, also those that start later. */
  close(): void;
}

function createCheckpointWaiter(getCheckpoint: () => ReadModelCheckpoint): CheckpointWaiter {
  const checks = new Set<() => void>();
  const counts = { current: 0, reached: 0, timeout: 0 };
  let closed = false;
  const notify = () => {
    for (const check of checks) check();
  };

  return {
    counts,
    notify,

    async waitUntilReached({ logId, position }, ms) {
      const isReached = () => {
        const checkpoint = getCheckpoint();
        // Position 0 precedes the first entry, so every read model has reached it.
        return position === 0 || (checkpoint.logId === logId && checkpoint.position >= position);
      };
      const isOtherLog = () => {
        const checkpoint = getCheckpoint();
        return checkpoint.logId !== null && checkpoint.logId !== logId;
      };
      const isDone = () => closed || isReached() || isOtherLog();
      if (isDone()) {
        counts[isReached() ? 'current' : 'timeout'] += 1;
        return isReached();
      }
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          checks.delete(check);
          resolve();
        };
        const check = () => {
          if (isDone()) end();
        };
        const timer = setTimeout(end, ms);
        checks.add(check);
      });
      counts[isReached() ? 'reached' : 'timeout'] += 1;
      return isReached();
    },

    close() {
      closed = true;
      notify();
    },
  };
}

/** Finds values by key. A key without a value is absent from the map. */
export type FindValuesByKeys<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

/** Keys that one lookup finds at most. It takes about 10 ms, for which other requests wait. */
const MAX_KEYS_PER_LOOKUP = 1_000;

/**
 * Batches and caches lookups by key for one request. Keys without a value resolve to null.
 * @param budget the work that the request may cause; each key counts as a row
 */
export const createKeyLoader = <Value>(find: FindValuesByKeys<Value>, budget: RequestBudget) =>
  new DataLoader<string, Value | null>(
    async (keys) => {
      await budget.spendReadRows(keys.length);
      // Batches that are as large as allowed have others beside them.
      if (keys.length === MAX_KEYS_PER_LOOKUP) await budget.takeTurn();
      const found = await find(keys);
      return keys.map((key) => found.get(key) ?? null);
    },
    { maxBatchSize: MAX_KEYS_PER_LOOKUP },
  );

/**
 * Batches and caches lookups of entities that other subgraphs refer to.
 * Another subgraph can know an entity before its event is projected here. Missing entities are awaited for `waitMs` at
 * most, in total for a batch; then they resolve to null.
 */
export const createEntityLoader = <Value>(
  find: FindValuesByKeys<Value>,
  arrivals: EntityArrivals,
  { waitMs, budget }: Pick<RequestCaller, 'waitMs' | 'budget'>,
) => createKeyLoader((keys) => findOrAwait(keys, find, arrivals, waitMs), budget);

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
