import type { HistoryRemoval, SetAsideEntry, UserErasure } from '../domain/projection.js';
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

/** The entries that are set aside, without their content. */
export interface SetAsideSummary {
  readonly count: number;
  /** The position of the first. `undefined` if none is set aside. */
  readonly first: number | undefined;
  /** The size of their data. */
  readonly bytes: number;
}

/** An entry that is set aside, with the time since when. */
export interface StoredSetAsideEntry extends SetAsideEntry {
  /** UTC. Null if an older version has set it aside. */
  readonly setAsideAt: string | null;
}

/** Another process wrote to the read model. */
export class ReadModelConflictError extends Error {
  override name = 'ReadModelConflictError';
}

/** The write side of the read model. The projector is its only user. */
export interface ProjectionStore {
  readCheckpoint(): Promise<ReadModelCheckpoint>;
  /** Reads entries that are set aside after a position, in log order. */
  readSetAside(after: number, limit: number): Promise<StoredSetAsideEntry[]>;
  summarizeSetAside(): Promise<SetAsideSummary>;
  /** Records that the projection of an entry that is set aside has failed again. */
  updateSetAside(position: number, reason: string, attempts: number): Promise<void>;
  /** Deletes entries that are set aside. @returns how many */
  dropSetAside(positions: readonly number[]): Promise<number>;
  /**
   * Finds the stored records that have the keys of the incoming ones, each once. It finds no heard instants: `commit` writes one only
   * if no event after it has been stored. Nor does it find entries of timelines, which never change.
   */
  findStored(incoming: ReadModelRecords): Promise<ReadModelRecords>;
  /**
   * Applies all changes or none.
   * @throws ReadModelConflictError if the read model is not at `from`
   */
  commit(commit: ProjectionCommit): Promise<void>;
  /** Removes all records and entries that are set aside, and writes a checkpoint. */
  clear(to: ReadModelCheckpoint): Promise<void>;
  /** Erases some of the records that come from events before an erasure. @returns whether there may be more */
  eraseSome(erasure: UserErasure): Promise<boolean>;
  /** Removes some of the history from before an instant. @returns whether there may be more */
  removeSomeHistory(removal: HistoryRemoval): Promise<boolean>;
  /** Removes erased content from the files beside the database. To be called after the commit that follows an erasure. */
  removeErasedContent(): Promise<void>;
}
