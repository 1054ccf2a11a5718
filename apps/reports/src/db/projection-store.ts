import type { SetAsideEntry, UserErasure } from '../domain/projection.js';
import type { ReadModelCheckpoint, ReadModelRecords } from '../domain/read-model.js';

/** The changes of one transaction on the read model. */
export interface ProjectionCommit {
  /** The checkpoint that the read model must have before the commit. */
  readonly from: ReadModelCheckpoint;
  readonly to: ReadModelCheckpoint;
  /** New and changed records. */
  readonly records?: ReadModelRecords;
  /** Entries to set aside. */
  readonly setAside?: readonly SetAsideEntry[];
  /** Positions of entries that were set aside and are projected by this commit. */
  readonly projectedSetAside?: readonly number[];
}

/** The write side of the read model. The projector is its only user. */
export interface ProjectionStore {
  readCheckpoint(): Promise<ReadModelCheckpoint>;
  /** Reads the entries that are set aside, in log order. */
  readSetAside(): Promise<SetAsideEntry[]>;
  /** Finds the stored records that have the keys of the incoming ones, each once. */
  findStored(incoming: ReadModelRecords): Promise<ReadModelRecords>;
  /**
   * Applies all changes or none.
   * @throws Error if the read model is not at `from`, because another process wrote to it
   */
  commit(commit: ProjectionCommit): Promise<void>;
  /** Removes all records and entries that are set aside, and writes a checkpoint. */
  clear(to: ReadModelCheckpoint): Promise<void>;
  /** Erases some of the records that come from events before an erasure. @returns whether there may be more */
  eraseSome(erasure: UserErasure): Promise<boolean>;
  /** Removes erased content from the files beside the database. To be called after the commit that follows an erasure. */
  removeErasedContent(): Promise<void>;
}
