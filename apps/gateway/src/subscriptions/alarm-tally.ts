import type { AlarmChange } from '@seguridad-abc/contracts';
import type { AlarmHistory } from './alarm-history.js';
import type { LogCursor } from './log-cursor.js';

/** What has been told of a log, and up to where nothing is missing. */
export interface Tally {
  /** Up to here all has been told; undefined until reports has said where its log stands. */
  readonly position: number | undefined;
  /** What a client brings that has heard of a change, as to miss nothing. */
  readonly cursor: (change: AlarmChange) => LogCursor | undefined;
  isReplacedBy(history: Pick<AlarmHistory, 'logId'>): boolean;
  /**
   * What is to be told now, in order: nothing up to a position is missing then.
   * @param heard what came by another way; it may hold changes that the history has the last of only
   */
  complete(history: AlarmHistory, heard: readonly AlarmChange[], upTo: number): readonly AlarmChange[];
  /** What is to be told although nobody knows what is missing. */
  unchecked(heard: readonly AlarmChange[]): readonly AlarmChange[];
}

export function createTally(): Tally {
  let logId: string | undefined;
  let position: number | undefined;
  /** Positions beyond `position` of what has been told. */
  let told = new Set<number>();

  const fresh = (changes: readonly AlarmChange[]) => {
    const byPosition = new Map(changes.map((change) => [change.position, change]));
    return [...byPosition.values()]
      .filter((change) => change.position > (position ?? 0) && !told.has(change.position))
      .sort((a, b) => a.position - b.position);
  };

  return {
    get position() {
      return position;
    },
    cursor(change) {
      if (logId === undefined || position === undefined) return undefined;
      return { logId, position: Math.min(change.position, position) };
    },
    isReplacedBy: (history) => logId !== undefined && history.logId !== null && history.logId !== logId,
    complete(history, heard, upTo) {
      const changes = fresh([...history.changes, ...heard]);
      logId = history.logId ?? logId;
      position = Math.max(upTo, position ?? 0);
      told = new Set([...told].filter((each) => each > upTo));
      return changes;
    },
    unchecked(heard) {
      const changes = fresh(heard);
      for (const change of changes) told.add(change.position);
      return changes;
    },
  };
}
