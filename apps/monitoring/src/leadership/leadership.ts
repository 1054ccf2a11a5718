/** Tells which of several instances does the work that only one may do: relay, timers, erasures, compaction, retention. */
export interface Leadership {
  /** Whether this instance leads, as far as it knows. */
  isLeader(): boolean;
  /** To be called inside a transaction of the leader. @throws Error if another instance leads: then nothing is written */
  assertLeader(): Promise<void>;
  /**
   * Calls a listener when this instance begins to lead; at once if it leads already.
   * @returns a function that removes the listener
   */
  onElected(listener: () => void): () => void;
}

/** The only instance of monitoring leads. */
export const ONLY_INSTANCE: Leadership = {
  isLeader: () => true,
  assertLeader: () => Promise.resolve(),
  onElected(listener) {
    listener();
    return () => undefined;
  },
};
