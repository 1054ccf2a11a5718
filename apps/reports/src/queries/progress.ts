import type { ConsistencyToken } from '@seguridad-abc/contracts';
import type { Checkpoint } from '../domain/checkpoint.js';

/** How far the read model is, for queries that must see a certain state. Woken by commits; nothing polls. */
export interface Progress {
  /** Tells that the read model may be further now. */
  announce(): void;
  /** Whether it has reached a state, waiting at most `ms` for it. A state of another log is not waited for. */
  reaches(state: Pick<ConsistencyToken, 'logId' | 'position'>, ms: number): Promise<boolean>;
  /** Lets all go that wait, now and from now on. */
  close(): void;
}

export function createProgress(checkpoint: () => Checkpoint): Progress {
  const waiting = new Set<() => void>();
  let closed = false;
  const announce = () => {
    for (const check of waiting) check();
  };

  return {
    announce,

    async reaches({ logId, position }, ms) {
      // Position 0 is before the first entry: there is nothing to be missed.
      const has = () => position === 0 || (checkpoint().logId === logId && checkpoint().position >= position);
      const isForeign = () => checkpoint().logId !== null && checkpoint().logId !== logId;
      const isDone = () => closed || has() || isForeign();
      if (isDone()) return has();
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(check);
          resolve();
        };
        const check = () => {
          if (isDone()) end();
        };
        const timer = setTimeout(end, ms);
        waiting.add(check);
      });
      return has();
    },

    close() {
      closed = true;
      announce();
    },
  };
}
