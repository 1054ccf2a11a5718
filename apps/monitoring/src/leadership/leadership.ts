/**
 * Which of several instances does the work that only one may do: relay, timers, left episodes, re-evaluations, erasures, compaction,
 * retention.
 */
export interface Leadership {
  /** Whether this instance leads, as far as it knows. */
  isLeader(): boolean;
  /**
   * To be called inside a transaction of the leader, before it writes. Nobody else becomes the leader before the transaction ends.
   * @throws LostLeadershipError if another instance leads: then nothing is written
   */
  assertLeader(): Promise<void>;
  /**
   * Calls a listener when this instance begins to lead; at once if it leads already.
   * @returns a function that removes the listener
   */
  onElected(listener: () => void): () => void;
  /**
   * Calls a listener when this instance does not lead any more.
   * @returns a function that removes the listener
   */
  onDeposed(listener: () => void): () => void;
}

/** Another instance leads: a job of this one must not write. */
export class LostLeadershipError extends Error {
  override name = 'LostLeadershipError';

  constructor() {
    super('Another instance of monitoring leads now, so a job of this one has stopped.');
  }
}

/** The only instance of monitoring leads. */
export const ONLY_INSTANCE: Leadership = {
  isLeader: () => true,
  assertLeader: () => Promise.resolve(),
  onElected(listener) {
    listener();
    return () => undefined;
  },
  onDeposed: () => () => undefined,
};

/** Work that only the leader does. */
export interface LeaderWork {
  readonly start: () => void;
  /** Resolves when the work has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs work while this instance leads. After each deposition the work stops, also if this instance is elected again at once.
 * @returns a function that stops it for good
 */
export function runWhileLeading(
  leadership: Pick<Leadership, 'isLeader' | 'onElected' | 'onDeposed'>,
  { start, stop }: LeaderWork,
): () => Promise<void> {
  let isRunning = false;
  let isStopped = false;
  /** Resolves when all earlier starts and stops are done. */
  let done = Promise.resolve();
  const queueStart = () => {
    done = done.then(() => {
      if (isRunning || isStopped || !leadership.isLeader()) return;
      isRunning = true;
      start();
    });
  };
  const queueStop = () => {
    done = done.then(async () => {
      if (!isRunning) return;
      isRunning = false;
      await stop();
    });
    return done;
  };
  const listeners = [leadership.onElected(queueStart), leadership.onDeposed(() => void queueStop())];
  return () => {
    isStopped = true;
    for (const remove of listeners) remove();
    return queueStop();
  };
}
