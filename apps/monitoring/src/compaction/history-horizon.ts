import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { logHorizon } from '../db/schema.js';

/** Up to when history is removed. Commands ask it in memory, because they do so for each reading. */
export interface HistoryHorizon {
  /** What ended before this instant is removed, and readings from before it are refused. Undefined: nothing is removed. */
  readonly before: string | undefined;
  /** The same in milliseconds since 1970; -Infinity: nothing is removed. */
  readonly beforeMs: number;
  /**
   * Refuses readings from before an instant from now on.
   * @returns resolves when no command runs any more that was checked earlier
   */
  announce(before: string): Promise<void>;
  /** Takes back what was announced and is not stored. */
  reload(): void;
  /** Tells that a command runs whose readings are checked. It returns what the command returns. */
  track<Result>(command: Promise<Result>): Promise<Result>;
}

/** Creates the horizon of a database. */
export function createHistoryHorizon(db: MonitoringDrizzle): HistoryHorizon {
  const running = new Set<Promise<unknown>>();
  const readStored = () => db.select().from(logHorizon).get()?.before;
  let before = readStored();
  let beforeMs = toMs(before);
  const set = (next: string | undefined) => {
    before = next;
    beforeMs = toMs(next);
  };

  return {
    get before() {
      return before;
    },
    get beforeMs() {
      return beforeMs;
    },
    async announce(next) {
      if (before === undefined || next > before) set(next);
      await Promise.allSettled(running);
    },
    reload: () => set(readStored()),
    track(command) {
      running.add(command);
      const end = () => void running.delete(command);
      command.then(end, end);
      return command;
    },
  };
}

const toMs = (instant: string | undefined) => (instant === undefined ? -Infinity : Date.parse(instant));
