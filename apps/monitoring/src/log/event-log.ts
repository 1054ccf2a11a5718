import type { LogPage } from '@seguridad-abc/contracts';

/** The event log as its readers see it. Commands append to it inside their transactions. */
export interface EventLog {
  /** Reads at most `limit` entries after a position; fewer if the entries are large. */
  read(after: number, limit: number): Promise<LogPage>;
  /**
   * Returns the id of the event log and the position at which it ends.
   * @param userId returns the position of the last event of this user's data instead, or a later one that is independent
   * of the events of other users
   */
  end(userId?: string): Promise<{ readonly logId: string; readonly position: number }>;
}
