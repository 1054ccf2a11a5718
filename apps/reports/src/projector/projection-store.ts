import type { Checkpoint } from '../domain/checkpoint.js';
import type { SetAsideEntry } from '../domain/read-batch.js';
import type { Things } from '../domain/things.js';

/** Changes of the read model that are written in one transaction. */
export interface Commit {
  /** The checkpoint before the commit. */
  readonly from: Checkpoint;
  readonly to: Checkpoint;
  /** New and changed records. */
  readonly things?: Things;
  /** Entries to store for a newer software version. */
  readonly setAside?: readonly SetAsideEntry[];
  /** Positions of entries that are no longer set aside. */
  readonly takenUp?: readonly number[];
}

/** The read model as the projector writes it. There is one writer. */
export interface ProjectionStore {
  checkpoint(): Promise<Checkpoint>;
  /** In log order. */
  setAside(): Promise<SetAsideEntry[]>;
  /** Returns the stored records with the same keys as the updates, each once. */
  present(updates: Things): Promise<Things>;
  /**
   * Writes all or nothing.
   * @throws Error if the read model is not at `from`, because another process has written to it
   */
  commit(commit: Commit): Promise<void>;
}
