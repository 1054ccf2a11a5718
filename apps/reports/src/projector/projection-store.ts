import type { Checkpoint } from '../domain/checkpoint.js';
import type { SetAsideEntry } from '../domain/read-batch.js';
import type { Things } from '../domain/things.js';

/** What becomes of the read model in one transaction. */
export interface Commit {
  readonly from: Checkpoint;
  readonly to: Checkpoint;
  /** New or changed. */
  readonly things?: Things;
  /** Kept aside from now on. */
  readonly setAside?: readonly SetAsideEntry[];
  /** Positions of entries no longer kept aside. */
  readonly takenUp?: readonly number[];
}

/** The read model as its only writer sees it. */
export interface ProjectionStore {
  checkpoint(): Promise<Checkpoint>;
  /** In the order of the log. */
  setAside(): Promise<SetAsideEntry[]>;
  /** The things that are told of, as they are on record, each once. */
  present(told: Things): Promise<Things>;
  /**
   * All or nothing.
   * @throws Error where the read model is not at `from`: another has written to it
   */
  commit(commit: Commit): Promise<void>;
}
