import type { LogPage } from '@seguridad-abc/contracts';

/** Everything that happened, in order. */
export interface EventLog {
  /** The entries after a position, in order, and where the log ends: at most `limit`, fewer where they are large. */
  read(after: number, limit: number): Promise<LogPage>;
  /** Which log it is, and where it ends. */
  end(): Promise<{ readonly logId: string; readonly position: number }>;
}
