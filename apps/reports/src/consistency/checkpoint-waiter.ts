import type { ConsistencyToken } from '@seguridad-abc/contracts';
import type { ReadModelCheckpoint } from '../domain/read-model.js';

/** Lets requests wait until the read model has processed the log up to a position. Commits wake them; nothing polls. */
export interface CheckpointWaiter {
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

/** @param getCheckpoint returns the checkpoint of the last commit */
export function createCheckpointWaiter(getCheckpoint: () => ReadModelCheckpoint): CheckpointWaiter {
  const checks = new Set<() => void>();
  let closed = false;
  const notify = () => {
    for (const check of checks) check();
  };

  return {
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
      if (isDone()) return isReached();
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
      return isReached();
    },

    close() {
      closed = true;
      notify();
    },
  };
}
