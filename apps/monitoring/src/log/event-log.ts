import type { LogPage } from '@seguridad-abc/contracts';
import type { LogCheckpoint } from '@seguridad-abc/platform';

/** The event log as its readers see it. Commands append to it inside their transactions. */
export interface EventLog {
  /**
   * Reads at most `limit` entries after a position; fewer if the entries are large. A compacted log begins with a snapshot.
   * @param snapshot the `snapshotUpTo` of the page before, if that was a part of a snapshot. A reader that continues with
   * another one receives `isCompacted`, and starts again
   */
  read(after: number, limit: number, snapshot?: number): Promise<LogPage>;
  /** The position up to which the log is compacted; 0: it is not. */
  getCompactedUpTo(): Promise<number>;
  /**
   * Returns the id of the event log and the position at which it ends.
   * @param userId returns the position of the last event of this user's data instead, or a later one that is independent
   * of the events of other users
   */
  end(userId?: string): Promise<{ readonly logId: string; readonly position: number }>;
  /**
   * Compares the log with what a reader has processed. If the reader has an entry of this epoch that the log lacks, the
   * database was replaced by an older copy: the log then starts a new epoch, with a new id.
   */
  compareWithReader(checkpoint: LogCheckpoint): Promise<void>;
  /** Whether `npm run restore` has written this log: what the Redis stream holds is then outdated, whatever its log id is. */
  replacesStream(): Promise<boolean>;
  /** To be called when the stream that was found is removed. */
  confirmStreamReplaced(): Promise<void>;
  /** The ids of the present epoch of the log and of the earlier ones. */
  getLogIds(): Promise<readonly string[]>;
  /** The fence with which a relay of this log has claimed the stream last; undefined before the first claim. */
  getStreamFence(): Promise<string | undefined>;
  /** Stores the fence of a claim. Only the leader may do so. */
  storeStreamFence(fence: string): Promise<void>;
}
