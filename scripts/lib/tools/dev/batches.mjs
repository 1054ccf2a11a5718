import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** An editor, or git, writes several files one after another. */
const QUIET_MS = 200;

/** Collects what comes, and gives it out whole once nothing more has come for a while. */
export function createBatches(quietMs = QUIET_MS) {
  const arrivals = new EventEmitter();
  /** @type {Set<string>} */
  let items = new Set();
  return {
    /** @param {string} item */
    add(item) {
      items.add(item);
      arrivals.emit('item');
    },
    /**
     * @param {AbortSignal} signal
     * @returns {Promise<string[]>} what has come since the last time, at least one
     * @throws an AbortError once `signal` is aborted
     */
    async next(signal) {
      if (items.size === 0) await once(arrivals, 'item', { signal });
      for (let size = 0; size < items.size;) {
        size = items.size;
        await sleep(quietMs, undefined, { signal });
      }
      const batch = [...items];
      items = new Set();
      return batch;
    },
  };
}
