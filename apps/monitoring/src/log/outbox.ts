import type { LogPage } from '@seguridad-abc/contracts';

/** The stored event log, in the order of its positions. Commands add to it in their own transaction. */
export interface Outbox {
  /** Reads at most `limit` entries after a position; fewer if the entries are large. */
  read(after: number, limit: number): Promise<LogPage>;
  /** Returns the id of the event log and the position at which it ends. */
  end(): Promise<{ readonly logId: string; readonly position: number }>;
}
