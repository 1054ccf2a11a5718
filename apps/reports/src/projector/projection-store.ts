import type { Checkpoint } from '../domain/checkpoint.js';
import type { ProjectedRule } from '../domain/fold-rule.js';
import type { SetAsideEntry } from '../domain/read-batch.js';

/** What becomes of the read model in one transaction. */
export interface Commit {
  readonly from: Checkpoint;
  readonly to: Checkpoint;
  readonly rules?: readonly ProjectedRule[];
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
  rules(ids: readonly string[]): Promise<ReadonlyMap<string, ProjectedRule>>;
  /**
   * All or nothing.
   * @throws Error where the read model is not at `from`: another has written to it
   */
  commit(commit: Commit): Promise<void>;
}
